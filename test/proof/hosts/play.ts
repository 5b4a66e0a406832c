import { createDisk } from '../../sim/disk.ts'
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
    const lives = turmoil.lives()
    for (const life of lives) life.stop()
    await clock.drive(Promise.all(lives.map(life => life.ended)), stopMs)
    return outcome([...unfinished, ...judgeHosts(stage)])
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
  let rest = unserved(stage, turmoil)
  while (rest.length > 0 && sim.clock.now() < until) {
    await sim.clock.advance(lookMs)
    rest = unserved(stage, turmoil)
  }
  return rest
}

/** Jobs that wait and are not told to have failed too often, and machines. */
function unserved(stage: Installation, turmoil: Turmoil): readonly string[] {
  const failed = new Map<string, number>()
  for (const life of turmoil.lives()) {
    for (const { want, state } of life.last()?.wants ?? [])
      if (state.state === 'failed') failed.set(want.agentType, (failed.get(want.agentType) ?? 0) + 1)
  }
  const waiting = [...stage.hubs].flatMap(([type, hub]) => {
    const { queued = 0, running = 0 } = hub.counts()
    return [
      ...(queued > (failed.get(type) ?? 0) ? [`${queued} jobs of ${type} wait, and nobody says why`] : []),
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
    leakedMinutes: 0,
    doubled: violations.filter(words => /^job .* (ran twice|had two machines at once)$/.test(words)).length,
    passed: [],
    log: lines,
  }
}
