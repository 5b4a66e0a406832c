import { capacityRun } from '../../src/operations/capacity-run.ts'
import type { Reaped } from '../../src/operations/reap.ts'
import { type Death, deathAt } from '../sim/death.ts'
import { createDisk, type Disk, isOfDisk } from '../sim/disk.ts'
import { createRig, type Process, type Rig } from '../sim/rig.ts'
import { judge, leakedMinutes, type Seen } from './judge.ts'
import { meanwhile } from './meanwhile.ts'
import { type Act, asBefore, type Config, type Story } from './story.ts'
import { createWitness, type Witness } from './witness.ts'

const minute = 60_000
/** Virtual time that a whole story may take. */
const storyMs = 12 * 60 * minute
/** From the end of all faults until nothing may be left: every deadline is over by then. */
const aftermathMs = 20 * minute
/** What is queued then takes no longer than this, for nothing is to be learnt from a job that runs in peace. */
const calmJobMs = 10_000
/** Nor from looking every second while nothing goes wrong. */
const calmTickMs = 3_000

export interface Outcome {
  readonly seed: string
  /** What does not hold, in words; empty where all does. */
  readonly violations: readonly string[]
  /** What was reached: faults, crash points, ends, error codes. */
  readonly reached: ReadonlySet<string>
  readonly launches: number
  readonly machines: number
  readonly deaths: number
  readonly faults: number
  /** Machine-minutes past expiry and the worst orphan life that the cloud is known for. */
  readonly leakedMinutes: number
  /** Jobs that ran twice, or had two machines at once where that may not be. */
  readonly doubled: number
  /** Boundaries that its last controller passed, by name. */
  readonly passed: readonly string[]
  readonly log: readonly string[]
}

/** The real engine, journal and operations on the simulated cloud, by that story; the same story gives the same outcome. */
export async function play(story: Story): Promise<Outcome> {
  using rig = createRig({
    seed: story.seed,
    traits: { ...story.traits, ...(story.signMs !== undefined && { tokens: { signMs: story.signMs } }) },
    knobs: story.knobs,
    count: story.jobs.count,
    jobMs: story.jobs.ms,
    hasApiToken: story.hasApiToken,
    binding: story.binding,
    isInMemory: true,
    agentChances: story.agents,
    pool: {
      capacity: { max: story.max },
      // Short, for what waits for a deadline is most of a story.
      timeouts: { boot: '2m', agent: '1m', idle: '1m', job: '5m', total: '8m' },
      shared: story.isShared,
      ...(story.signMs !== undefined && { 'token-delivery': 'presigned', 'token-bucket': 'tokens' }),
    },
    spec: {
      ...{ zones: ['a', 'b'], market: ['spot', 'on-demand'] },
      guest: story.signMs === undefined ? 'process' : 'linux',
    },
  })
  const disk = createDisk()
  const stage: Stage = { rig, disk, witness: createWitness(), deaths: [], told: new Set(), wentWrong: [] }
  const events = meanwhile(rig, disk, story)
  const outcome = (violations: readonly string[]) =>
    outcomeOf(stage, story, events.reached, [...stage.wentWrong, ...violations])
  try {
    const { clock } = rig.sim
    const overAt = clock.now() + events.begin()
    const last = await perform(stage, story)
    await clock.advance(Math.max(0, overAt - clock.now()))
    events.end()
    return outcome(judge(rig, story, await aftermath(stage, last), stage.witness))
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return outcome([`it did not come to an end: ${words}`])
  }
}

interface Stage {
  readonly rig: Rig
  readonly disk: Disk
  readonly witness: Witness
  readonly deaths: Death[]
  /** Codes of errors that commands ended with. */
  readonly told: Set<string>
  readonly wentWrong: string[]
}

/** The last host's journal, and the last configuration. */
type Last = Config & { readonly host: string }

/** One controller after the other, or beside each other, on one host or on several. */
async function perform(stage: Stage, story: Story): Promise<Last> {
  const { rig, disk, witness, deaths, told, wentWrong } = stage
  let last: Last = { host: 'host' }
  const others: Promise<void>[] = []
  for (const [at, act] of story.acts.entries()) {
    await rig.sim.clock.advance(act.afterMs)
    const death = deathAt(pointOf(act, deaths.at(-1)))
    deaths.push(death)
    last = { ...last, ...act.config }
    const leave = new AbortController()
    let isOver = false
    const host = act.isElsewhere ? `other-${at}` : last.host
    const process = rig.process({
      ...{ ...last, ...death, host, signal: leave.signal },
      journalOf: journal =>
        witness.watching(death.journalOf(disk.holding(journal)), host, () => isOver || death.isDropped()),
    })
    death.of(process)
    const life = command(rig, act, process, death, leave)
      .catch(error => {
        told.add(`code ${codeOf(error)}`)
        if (!death.isDropped() && !leave.signal.aborted && !isToldToUser(error, act))
          wentWrong.push(`${act.command} failed: ${error.stack}`)
      })
      .finally(() => {
        isOver = true
        process.drop()
      })
    if (act.isElsewhere || act.isBeside) others.push(life)
    else await rig.drive(life, storyMs)
    if (act.losesJournal) last = { ...last, host: `host-after-${at}` }
  }
  await rig.drive(Promise.all(others), storyMs)
  return last
}

function pointOf({ diesAt = Number.POSITIVE_INFINITY }: Act, before: Death | undefined): number | string {
  if (diesAt !== asBefore) return diesAt
  return before?.isDropped() ? (before.passed.at(-1) ?? '') : Number.POSITIVE_INFINITY
}

/** What a command may end with while a hub, a cloud or a disk is away, or where it was stopped as it began. */
function isToldToUser(error: unknown, { stopsAfterMs }: Act): boolean {
  if (stopsAfterMs !== undefined && codeOf(error) === 'cancelled') return true
  const codes = ['unavailable', 'rate-limited', 'permission-denied', 'unauthenticated', 'quota-exceeded']
  return error === toldToStop || codes.includes(codeOf(error)) || isOfDisk(error)
}

const toldToStop = new Error('told to stop')

const codeOf = (error: unknown) => (error as { readonly code?: string }).code ?? 'none'

async function command(
  rig: Rig,
  act: Act,
  process: Process,
  death: Death,
  leave: AbortController,
): Promise<void> {
  const { clock } = rig.sim
  const stop = new AbortController()
  const signal = (afterMs: number | undefined, to: AbortController) => {
    if (afterMs !== undefined)
      clock.schedule(clock.now() + afterMs, () => death.deliver(() => to.abort(toldToStop)))
  }
  signal(act.stopsAfterMs, stop)
  signal(act.leavesAfterMs, leave)
  const wake = stop.signal
  if (act.command === 'reap') await rig.reap(process)
  else if (act.command === 'provision') {
    const stopped = act.endsItsOwn ? 'end' : 'drain'
    const intent = () => (wake.aborted ? stopped : 'run')
    await rig.provision({ patienceMs: 10 * minute, intent, wake }, process)
  } else
    await capacityRun(rig.context(process), {
      only: undefined,
      forMs: act.forMs ?? 3 * minute,
      deadlineMs: 6 * minute,
      wake,
      onTick: () => undefined,
    })
}

/** Nothing goes wrong any more; one controller finishes what is queued, and two sweeps find what is left. */
async function aftermath({ rig }: Stage, last: Last): Promise<Seen> {
  const { sim, hub } = rig
  hub.chances = { replyLost: 0, again: 0 }
  for (const job of hub.jobs.values()) if (job.state === 'queued') job.ms = Math.min(job.ms, calmJobMs)
  sim.cloud.turn({
    chances: {},
    ...{
      bootFailure: { chance: 0, text: '' },
      silentChance: 0,
      wedgedChance: 0,
      breakChance: 0,
      undeletableChance: 0,
    },
    ...{ reclaim: { chance: 0, afterMs: [0, 0] }, leftovers: {}, stock: {}, rates: {} },
    quota: Number.POSITIVE_INFINITY,
  })
  await sim.clock.advance(minute)
  const from = sim.cloud.now()
  const process = rig.process({ ...last, sleepMsMin: calmTickMs })
  const finish = rig.provision({ patienceMs: 12 * minute }, process)
  const result = await rig.drive(finish, storyMs)
  const to = sim.cloud.now()
  await sim.clock.advance(aftermathMs)
  const sweeps: Reaped[] = []
  for (const host of [last.host, 'another']) {
    sweeps.push(await rig.drive(rig.reap(rig.process({ ...last, host })), storyMs))
    await sim.clock.advance(2 * minute)
  }
  return { last: result, sweeps, from, to }
}

function actsReached({ acts, jobs }: Story): readonly string[] {
  if (jobs.count === 0) return []
  const some = (name: string, is: (act: Act) => boolean) => (acts.some(is) ? [name] : [])
  return [
    ...some('journal lost', act => act.losesJournal),
    ...some('two hosts', act => act.isElsewhere),
    ...some('two controllers', act => act.isBeside),
    ...some(
      'two controllers, one of them cancelled',
      act => act.endsItsOwn === true && act.command === 'provision',
    ),
    ...some('fewer machines than before', act => act.config?.pool?.capacity !== undefined),
    ...some('another spec than before', act => act.config?.pool?.spec !== undefined),
    ...some('another token than before', act => act.config?.token !== undefined),
    ...acts.map(act => `command ${act.command}`),
  ]
}

function outcomeOf(
  { rig, deaths, told, witness }: Stage,
  story: Story,
  met: ReadonlySet<string>,
  violations: readonly string[],
): Outcome {
  const { ledger } = rig.sim.cloud
  const died = deaths.filter(death => death.isDropped())
  const codes = rig.lines.flatMap(line =>
    Array.from(line.matchAll(/"code":"([a-z-]+)"/g), ([, code]) => `code ${code}`),
  )
  return {
    seed: story.seed,
    violations,
    reached: new Set([
      ...actsReached(story),
      ...(story.signMs !== undefined && ledger.launches.length > 0 ? ['token fetched by a signed URL'] : []),
      `cloud ${story.kind}`,
      ...met,
      ...witness.seen,
      ...told,
      ...ledger.faults.keys(),
      ...rig.hub.faults.keys(),
      ...died.map(death => `death ${death.passed.at(-1)}`),
      ...codes,
      ...[...rig.hub.jobs.values()].map(job => `job ${job.state}`),
    ]),
    leakedMinutes: leakedMinutes(rig),
    doubled: violations.filter(words => /^job .* (ran twice|had two machines at once)$/.test(words)).length,
    launches: ledger.launches.length,
    machines: ledger.lives.size,
    deaths: died.length,
    faults: [...ledger.faults.values(), ...rig.hub.faults.values()].reduce((sum, count) => sum + count, 0),
    passed: deaths.at(-1)?.passed ?? [],
    log: rig.lines,
  }
}
