import { isInstance } from '@agentctl/contract'
import { hasLeftAfterJob } from '../fleet/endings.ts'
import { isGuardLookDue } from '../fleet/guards.ts'
import { agentSeen, type Observation, observe } from '../fleet/observe.ts'
import { type Facts, type Known, unknown } from '../fleet/picture.ts'
import { type Memory, unitKey } from '../fleet/records.ts'
import { askJobs } from './ask-jobs.ts'
import type { Engine } from './deps.ts'
import { gather, type IsAwaited, type Looking } from './gather.ts'

export interface Sight extends Observation {
  readonly facts: Facts
  /** What the journal knew of it. */
  readonly memory: Memory
  readonly now: number
}

/** What was seen longer ago, before this machine slept or was stopped, is no ground for any decision. Unit: milliseconds. */
export const factsMaxAgeMs = 120_000

/** Keys of what may be wanted, for their history to be read along. */
export type KeysOf = (queues: Facts['queues']) => readonly string[]

function outdated({ looks, queues, agents, consoles }: Facts): Facts {
  const old = unknown('the answer is minutes old')
  const aged = <T>(map: ReadonlyMap<string, Known<T>>) => new Map([...map.keys()].map(key => [key, old]))
  return {
    looks: looks.map(look => ({ ...look, resources: old })),
    queues: aged(queues),
    agents: aged(agents),
    consoles,
    jobs: new Map(),
  }
}

/** Looks, and joins what is seen with what the journal knows of it. Writes nothing. */
export async function see(engine: Engine, looking: Looking, keysOf: KeysOf): Promise<Sight> {
  const { journal, clock, providers } = engine
  const askedAt = clock.now()
  const before = journal.memory([])
  const gathered = await gather(engine, looking, awaitedBy(before, askedAt))
  const jobs = looking.jobs ? await askJobs(engine, gathered, before) : gathered.jobs
  const wants = keysOf(gathered.queues)
  const launchIds = launchesIn(gathered)
  if (journal.recall) await journal.recall(wants, launchIds)
  const now = clock.now()
  const isOutdated = now - askedAt > factsMaxAgeMs
  const facts = isOutdated ? outdated(gathered) : { ...gathered, jobs }
  const memory = isOutdated ? journal.memory(keysOf(facts.queues)) : journal.memory(wants, launchIds)
  const observation = observe(facts, memory, name => providers.get(name)?.capabilities, now)
  return { ...observation, facts, memory, now }
}

/** What the cloud still shows of a machine that nobody waits for is not worth a call. */
function awaitedBy({ units, launches }: Memory, now: number): IsAwaited {
  const known = new Map(units.map(unit => [unitKey(unit), unit]))
  const launchOf = new Map(launches.map(launch => [launch.launchId, launch]))
  return ({ ownership, unitIndex, state }, agents, isFree) => {
    const unit = known.get(unitKey({ launchId: ownership.launchId, index: unitIndex }))
    if (!unit) return state !== 'terminated' && (isFree || state !== 'running')
    if (unit.reason !== undefined || unit.phase === 'gone') return false
    const launch = launchOf.get(unit.launchId)
    if (isFree || !launch) return true
    const agent = agentSeen({ agents }, launch, unit)
    if (state === 'running') return isGuardLookDue(unit, agent, now)
    return !hasLeftAfterJob(unit, { agent, launch, now })
  }
}

function launchesIn({ looks }: Facts): readonly string[] {
  const seen = looks.flatMap(({ resources }) => (resources.state === 'known' ? resources.value : []))
  return [...new Set(seen.filter(isInstance).map(one => one.ownership.launchId))]
}
