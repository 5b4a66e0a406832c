import { createDisk } from '../../sim/disk.ts'
import { leakedMinutes } from '../judge.ts'
import { meanwhile } from '../meanwhile.ts'
import type { Outcome } from '../play.ts'
import { hubOfAll } from './hub-of-all.ts'
import { createInstallation, type Installation } from './installation.ts'
import { judgeHosts, leftIn } from './judge.ts'
import type { HostStory } from './story.ts'
import { createTurmoil, type Turmoil } from './turmoil.ts'
import { createHostWitness, type HostWitness } from './witness.ts'

const second = 1_000
const minute = 60 * second
/** From the end of all faults until everything is served and nothing is left: every deadline is over by then. */
const peaceMs = 40 * minute
/** Between two looks whether it is. */
const lookMs = 5 * second
/** A tick under way is waited for. */
const drainMs = 30 * second
/** Nothing is to be learnt from a job that runs in peace. */
const calmJobMs = 10 * second
/** What the last ticks of a host may take. */
const stopMs = 10 * minute

/** The real operation on several hosts of one installation, by that story; the same story gives the same outcome. */
export async function playHosts(story: HostStory): Promise<Outcome> {
  const stage = createInstallation(story)
  const witness = createHostWitness(stage)
  const turmoil = createTurmoil(stage, witness)
  const { clock } = stage.sim
  const events = meanwhile({ sim: stage.sim, hub: hubOfAll(stage), setClock: () => {} }, createDisk(), story)
  const outcome = (violations: readonly string[]) =>
    outcomeOf(stage, turmoil, witness, events.reached, [...turmoil.wrongs, ...witness.wrongs, ...violations])
  try {
    const forMs = Math.max(events.begin(), turmoil.begin())
    await clock.advance(forMs + second)
    events.end()
    turmoil.end()
    const unfinished = await peace(stage, turmoil)
    const keeping = await drained(stage, turmoil, witness)
    const lives = turmoil.lives()
    for (const life of lives) life.stop()
    await clock.drive(Promise.all(lives.map(life => life.ended)), stopMs)
    return outcome([...unfinished, ...keeping, ...judgeHosts(stage)])
  } catch (error) {
    return outcome([`it did not come to an end: ${error instanceof Error ? error.stack : String(error)}`])
  }
}

/** Nothing goes wrong any more. Resolves when all is served and nothing is left, or with what is not. */
async function peace(stage: Installation, turmoil: Turmoil): Promise<readonly string[]> {
  const { sim, hubs, coordinator } = stage
  coordinator.turn({ chances: {} })
  sim.cloud.turn({
    chances: {},
    ...{ bootFailure: { chance: 0, text: '' }, silentChance: 0, wedgedChance: 0, breakChance: 0 },
    ...{ undeletableChance: 0, reclaim: { chance: 0, afterMs: [0, 0] }, leftovers: {}, stock: {}, rates: {} },
    quota: Number.POSITIVE_INFINITY,
  })
  for (const hub of hubs.values()) {
    hub.chances = { replyLost: 0, again: 0 }
    for (const job of hub.jobs.values()) if (job.state === 'queued') job.ms = Math.min(job.ms, calmJobMs)
  }
  const until = sim.clock.now() + peaceMs
  let rest: readonly string[]
  do {
    await sim.clock.advance(lookMs)
    rest = unserved(stage, turmoil)
  } while (rest.length > 0 && sim.clock.now() < until)
  return rest
}

/** In peace a host that drains has soon given back everything. */
async function drained(
  { sim }: Installation,
  turmoil: Turmoil,
  witness: HostWitness,
): Promise<readonly string[]> {
  turmoil.drain('one')
  await sim.clock.advance(drainMs)
  return witness.heldBy('one').map(work => `one drains, and holds ${work}`)
}

/** Jobs that wait and are told to have failed too often, or to have a machine that the cloud does not delete. */
function toldOf({ sim }: Installation, turmoil: Turmoil): ReadonlyMap<string, number> {
  const { lives } = sim.cloud.ledger
  const wants = turmoil.lives().flatMap(life => life.last()?.wants ?? [])
  const told = wants.filter(
    ({ state }) =>
      state.state === 'failed' ||
      (state.state === 'served' && lives.get(state.view.unit.instanceId ?? '')?.isKept === true),
  )
  return new Map([...Map.groupBy(told, ({ want }) => want.agentType)].map(([type, of]) => [type, of.length]))
}

/** What waits without a word, and what is still there. */
function unserved(stage: Installation, turmoil: Turmoil): readonly string[] {
  const told = toldOf(stage, turmoil)
  const waiting = [...stage.hubs].flatMap(([type, hub]) => {
    const { queued = 0, running = 0 } = hub.counts()
    return [
      ...(queued > (told.get(type) ?? 0) ? [`${queued} jobs of ${type} wait, and nobody says why`] : []),
      ...(running > 0 ? [`${running} jobs of ${type} run for ever`] : []),
    ]
  })
  return [...waiting, ...leftIn(stage).map(one => `${one} is never ended`)]
}

function outcomeOf(
  { story, sim, coordinator, hubs, lines, jobs }: Installation,
  turmoil: Turmoil,
  witness: HostWitness,
  met: ReadonlySet<string>,
  violations: readonly string[],
): Outcome {
  const { ledger } = sim.cloud
  const codes = lines.flatMap(line =>
    Array.from(line.matchAll(/"code":"([a-z-]+)"/g), ([, code]) => `code ${code}`),
  )
  const faults = [ledger.faults, ...[...hubs.values()].map(hub => hub.faults)]
  const happened = [...coordinator.happened].filter(([name]) => !name.startsWith('token '))
  return {
    seed: story.seed,
    violations,
    reached: new Set([
      ...[`cloud ${story.kind}`, `binding ${story.binding}`],
      ...[...met, ...turmoil.reached, ...witness.seen, ...codes],
      ...faults.flatMap(of => [...of.keys()]),
      ...happened.map(([name]) => name),
      ...[...jobs().values()].map(job => `job ${job.state}`),
    ]),
    launches: ledger.launches.length,
    machines: ledger.lives.size,
    deaths: turmoil.deaths(),
    faults: faults.flatMap(of => [...of.values()]).reduce((sum, count) => sum + count, 0),
    leakedMinutes: leakedMinutes({ sim }),
    doubled: violations.filter(words => /^job .* (ran twice|had two machines at once)$/.test(words)).length,
    passed: [],
    log: lines,
  }
}
