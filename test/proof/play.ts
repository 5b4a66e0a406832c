import { capacityRun } from '../../src/operations/capacity-run.ts'
import type { Reaped } from '../../src/operations/reap.ts'
import { type Death, deathAt } from '../sim/death.ts'
import { outage } from '../sim/queue.ts'
import { createRig, type Process, type Rig } from '../sim/rig.ts'
import { judge, leakedMinutes, type Seen } from './judge.ts'
import { type Act, asBefore, type Happening, type Story } from './story.ts'

const minute = 60_000
/** Virtual time that a whole story may take. */
const storyMs = 12 * 60 * minute
/** From the end of all faults until nothing may be left: every deadline is over by then. */
const aftermathMs = 20 * minute

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
    traits: story.traits,
    knobs: story.knobs,
    count: story.jobs.count,
    jobMs: story.jobs.ms,
    hasApiToken: story.hasApiToken,
    binding: story.binding,
    isInMemory: true,
    pool: {
      capacity: { max: story.max },
      // Short, for what waits for a deadline is most of a story.
      timeouts: { boot: '2m', agent: '1m', idle: '1m', job: '5m', total: '8m' },
      shared: story.isShared,
    },
    spec: { zones: ['a', 'b'], market: ['spot', 'on-demand'] },
  })
  const deaths: Death[] = []
  const wentWrong: string[] = []
  const reached = new Set(actsReached(story))
  const happen = happenIn(rig, reached)
  try {
    for (const { atMs, what } of story.happenings)
      rig.sim.clock.schedule(rig.sim.clock.now() + atMs, () => happen(what))
    const startedAt = rig.sim.clock.now()
    const host = await perform(rig, story, deaths, wentWrong)
    const lastAt = startedAt + (story.happenings.at(-1)?.atMs ?? 0)
    await rig.sim.clock.advance(Math.max(0, lastAt - rig.sim.clock.now()))
    const seen = await aftermath(rig, host)
    return outcomeOf(rig, reached, story, deaths, [...wentWrong, ...judge(rig, story, seen)])
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return outcomeOf(rig, reached, story, deaths, [...wentWrong, `it did not come to an end: ${words}`])
  }
}

/** One controller after the other, or beside each other, on one host or on several. Gives the host of the last journal. */
async function perform(rig: Rig, story: Story, deaths: Death[], wentWrong: string[]): Promise<string> {
  let host = 'host'
  const others: Promise<void>[] = []
  for (const [at, act] of story.acts.entries()) {
    await rig.sim.clock.advance(act.afterMs)
    const death = deathAt(pointOf(act, deaths.at(-1)))
    deaths.push(death)
    const process = rig.process({ ...death, host: act.isElsewhere ? `other-${at}` : host })
    death.of(process)
    const life = command(rig, act, process, death)
      .catch(error => {
        if (!death.isDropped() && !isToldToUser(error))
          wentWrong.push(`${act.command} failed: ${error.stack}`)
      })
      .finally(process.drop)
    if (act.isElsewhere || act.isBeside) others.push(life)
    else await rig.drive(life, storyMs)
    if (act.losesJournal) host = `host-after-${at}`
  }
  await rig.drive(Promise.all(others), storyMs)
  return host
}

function pointOf({ diesAt = Number.POSITIVE_INFINITY }: Act, before: Death | undefined): number | string {
  if (diesAt !== asBefore) return diesAt
  return before?.isDropped() ? (before.passed.at(-1) ?? '') : Number.POSITIVE_INFINITY
}

/** What a command may end with while a hub or a cloud is away. */
function isToldToUser(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? ''
  return ['unavailable', 'rate-limited', 'permission-denied', 'unauthenticated', 'quota-exceeded'].includes(
    code,
  )
}

async function command(rig: Rig, act: Act, process: Process, death: Death): Promise<void> {
  const stop = new AbortController()
  const { clock } = rig.sim
  if (act.stopsAfterMs !== undefined)
    clock.schedule(clock.now() + act.stopsAfterMs, () => death.signal(() => stop.abort('told to stop')))
  const wake = stop.signal
  if (act.command === 'reap') await rig.reap(process)
  else if (act.command === 'provision') {
    const intent = () => (wake.aborted ? 'drain' : 'run')
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

/** What happens by itself meanwhile; `reached` learns of what somebody met. */
function happenIn({ hub, sim }: Rig, reached: Set<string>): (what: Happening) => void {
  const queued = () => [...hub.jobs.values()].filter(job => job.state === 'queued')
  const asked = () => hub.asked.queue + hub.asked.agents
  let askedBefore = 0
  const kinds: Record<Happening['kind'], (count: number) => void> = {
    jobs: count => hub.add(count),
    cancel: () => hub.cancel(queued().at(-1)?.id ?? ''),
    stranger: () => Object.assign(queued()[0] ?? {}, { state: 'finished' }),
    outage: () => {
      hub.outage = outage()
      askedBefore = asked()
    },
    'outage-over': () => {
      hub.outage = undefined
      if (asked() > askedBefore) reached.add('hub outage')
    },
    refusals: () => {
      hub.ceiling = 0
    },
    'refusals-over': () => {
      hub.ceiling = Number.POSITIVE_INFINITY
      if (hub.refusals > 0) reached.add('hub refusals')
    },
    jump: () => {
      sim.cloud.turn({ skewMs: sim.cloud.knobs().skewMs + 20_000 })
      reached.add('clock jump')
    },
  }
  return what => kinds[what.kind](what.kind === 'jobs' ? what.count : 0)
}

/** Nothing goes wrong any more; one controller finishes what is queued, and two sweeps find what is left. */
async function aftermath(rig: Rig, host: string): Promise<Seen> {
  const { hub, sim } = rig
  hub.outage = undefined
  hub.ceiling = Number.POSITIVE_INFINITY
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
  const last = await rig.drive(rig.provision({ patienceMs: 12 * minute }, rig.process({ host })), storyMs)
  const to = sim.cloud.now()
  await sim.clock.advance(aftermathMs)
  const sweeps: Reaped[] = []
  for (const from of [host, 'another']) {
    sweeps.push(await rig.drive(rig.reap(rig.process({ host: from })), storyMs))
    await sim.clock.advance(2 * minute)
  }
  return { last, sweeps, from, to }
}

function actsReached({ acts, jobs }: Story): readonly string[] {
  if (jobs.count === 0) return []
  const some = (name: string, is: (act: Act) => boolean) => (acts.some(is) ? [name] : [])
  return [
    ...some('journal lost', act => act.losesJournal),
    ...some('two hosts', act => act.isElsewhere),
    ...some('two controllers', act => act.isBeside),
    ...acts.map(act => `command ${act.command}`),
  ]
}

function outcomeOf(
  rig: Rig,
  reached: ReadonlySet<string>,
  { seed, kind }: Story,
  deaths: readonly Death[],
  violations: readonly string[],
): Outcome {
  const { ledger } = rig.sim.cloud
  const died = deaths.filter(death => death.isDropped())
  const codes = rig.lines.flatMap(line =>
    Array.from(line.matchAll(/"code":"([a-z-]+)"/g), ([, code]) => `code ${code}`),
  )
  return {
    seed,
    violations,
    reached: new Set([
      ...reached,
      `cloud ${kind}`,
      ...ledger.faults.keys(),
      ...died.map(death => `death ${death.passed.at(-1)}`),
      ...codes,
      ...[...rig.hub.jobs.values()].map(job => `job ${job.state}`),
    ]),
    leakedMinutes: leakedMinutes(rig),
    doubled: violations.filter(words => /^job .* (ran twice|had two machines at once)$/.test(words)).length,
    launches: ledger.launches.length,
    machines: ledger.lives.size,
    deaths: died.length,
    faults: [...ledger.faults.values()].reduce((sum, count) => sum + count, 0),
    passed: deaths.at(-1)?.passed ?? [],
    log: rig.lines,
  }
}
