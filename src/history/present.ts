import { breakerFailuresMax } from '../fleet/policy.ts'
import type {
  Breaker,
  HubLimit,
  JobRecord,
  LaunchRecord,
  QueueSample,
  UnitRecord,
  WaitCode,
} from '../fleet/records.ts'

/** Machines of a pool, as they were written down last. */
export interface PoolNow {
  readonly pool: string
  /** Left out where the configuration has no such pool. */
  readonly max?: number
  /** Hosts in whose hands it is; left out where this host is the only one. */
  readonly hosts?: readonly string[]
  readonly machines: number
  readonly phases: Readonly<Record<string, number>>
  /** Left out while boots succeed. */
  readonly breaker?: Pick<Breaker, 'failures' | 'openUntil' | 'cause'>
}

/** The queue of an agent type, as it was written down last. */
export interface TypeNow {
  readonly agentType: string
  readonly queued: number
  readonly running?: number
  /** Since when it is so long, or longer. */
  readonly at: number
  readonly isHubLimited: boolean
}

/** Jobs that wait for the same reason. */
export interface WaitNow {
  readonly agentType: string
  readonly code: WaitCode
  readonly why: string
  readonly jobs: number
  /** Of the one that waits longest. */
  readonly since: number
}

/** What is under way. Times in milliseconds since the epoch. */
export interface Present {
  readonly machines: number
  readonly pools: readonly PoolNow[]
  readonly types: readonly TypeNow[]
  /** The most frequent reason first. */
  readonly waits: readonly WaitNow[]
}

export interface PresentFacts {
  readonly units: readonly UnitRecord[]
  readonly launches: readonly LaunchRecord[]
  readonly jobs: readonly JobRecord[]
  /** The latest of each type. */
  readonly queues: readonly QueueSample[]
  readonly breakers: readonly Breaker[]
  readonly hubLimits: readonly HubLimit[]
  /** Of the configuration: name -> most machines. */
  readonly pools: ReadonlyMap<string, number>
  /** Who looks after a pool; left out where there are no other hosts. */
  readonly hostsOf?: (pool: string) => readonly string[]
  readonly now: number
}

/** What the records say of now. Pure. */
export function presentOf(facts: PresentFacts): Present {
  const launches = new Map(facts.launches.map(launch => [launch.launchId, launch]))
  const alive = facts.units.flatMap(unit => {
    const launch = launches.get(unit.launchId)
    const isAlive = unit.phase !== 'gone' && (launch?.state !== 'settled' || unit.instanceId !== undefined)
    return isAlive ? { unit, pool: launch?.pool ?? '' } : []
  })
  const byPool = Map.groupBy(alive, ({ pool }) => pool)
  const names = [...new Set([...facts.pools.keys(), ...byPool.keys()])]
  return {
    machines: alive.length,
    pools: names.map(pool => poolNow(pool, byPool.get(pool)?.map(({ unit }) => unit) ?? [], facts)),
    types: facts.queues.map(({ agentType, queued, running, at }) => ({
      ...{ agentType, queued, at },
      ...(running !== undefined && { running }),
      isHubLimited: facts.hubLimits.some(limit => limit.agentType === agentType),
    })),
    waits: waitsOf(facts.jobs),
  }
}

function poolNow(pool: string, units: readonly UnitRecord[], facts: PresentFacts): PoolNow {
  const { pools, breakers, hostsOf, now } = facts
  const max = pools.get(pool)
  const breaker = breakers.find(
    one => one.pool === pool && (one.openUntil > now || one.failures >= breakerFailuresMax),
  )
  return {
    pool,
    ...(max !== undefined && { max }),
    ...(hostsOf && { hosts: hostsOf(pool) }),
    machines: units.length,
    phases: Object.fromEntries(
      [...Map.groupBy(units, ({ phase }) => phase)].map(([phase, of]) => [phase, of.length]),
    ),
    ...(breaker && {
      breaker: { failures: breaker.failures, openUntil: breaker.openUntil, cause: breaker.cause },
    }),
  }
}

function waitsOf(jobs: readonly JobRecord[]): readonly WaitNow[] {
  const waiting = jobs.flatMap(({ agentType, leftAt, waits }) => {
    const last = waits.at(-1)
    return leftAt !== undefined || !last || last.until !== undefined ? [] : { agentType, ...last }
  })
  const alike = Map.groupBy(waiting, one => JSON.stringify([one.agentType, one.code, one.why]))
  return [...alike.values()]
    .flatMap(([first, ...others]) => {
      if (!first) return []
      const { agentType, code, why } = first
      const since = Math.min(first.since, ...others.map(one => one.since))
      return { agentType, code, why, jobs: others.length + 1, since }
    })
    .toSorted((one, other) => other.jobs - one.jobs)
}
