import { isAcquainted } from './acquaintance.ts'
import type { Action, Want } from './actions.ts'
import { awaitedWants } from './on-its-way.ts'
import { isAlive, lookKey } from './picture.ts'
import type { PlanInput } from './plan.ts'
import { breakerFailuresMax, type PoolPolicy } from './policy.ts'
import type { Wait } from './records.ts'
import { freeOf, roomsOf } from './rooms.ts'
import { attemptsMaxOf, type WantState, wantStates } from './wants.ts'

/**
 * Why each job that is wanted has no machine after these actions: `none` with a machine, or with a launch that is
 * under way. A job whose launch is only about to be tried is left out: what comes of it is not known yet.
 */
export function waitsOf(input: PlanInput, actions: readonly Action[]): ReadonlyMap<string, Wait | 'none'> {
  const { policy, picture } = input
  const launches = actions.flatMap(action => (action.kind === 'launch' ? [action] : []))
  const planned = new Set(launches.flatMap(launch => launch.wants.map(want => want.key)))
  const taken = Map.groupBy(launches, launch => launch.pool)
  const rooms = new Map(
    [...roomsOf(input)].map(([pool, room]) => {
      const used = (taken.get(pool) ?? []).reduce((sum, launch) => sum + launch.wants.length, 0)
      return [pool, room - used] as const
    }),
  )
  const free = freeOf(input) - planned.size
  const states = wantStates(policy.wants, picture, attemptsMaxOf(policy))
  const told = states.flatMap(({ want, state }): [string, Wait | 'none'][] => {
    if (want.jobId === undefined || planned.has(want.key)) return []
    const wait = waitOf(want, state, input, { free, rooms })
    return wait ? [[want.jobId, wait]] : []
  })
  return new Map(told)
}

interface Left {
  /** Machines that the command may still launch. */
  readonly free: number
  /** Likewise for each pool. */
  readonly rooms: ReadonlyMap<string, number>
}

function waitOf(want: Want, state: WantState, input: PlanInput, left: Left): Wait | 'none' | undefined {
  switch (state.state) {
    case 'served': {
      const { launch, unit } = state.view
      if (launch.state !== 'intended' || unit.instanceId !== undefined) return 'none'
      return launch.lastError ? { code: 'refused-by-cloud', why: launch.lastError.message } : 'none'
    }
    case 'failed':
      return { code: 'given-up', why: `its attempts are spent; the last: ${state.unit.reason ?? 'unknown'}` }
    case 'unclear':
      return { code: 'queue-unread', why: 'whether it still waits could not be read' }
    case 'done':
      return undefined
    case 'open':
    case 'refused':
      return openWait(want, input, left)
  }
}

function openWait(want: Want, input: PlanInput, { free, rooms }: Left): Wait {
  const { policy, memory } = input
  if (policy.intent !== 'run') return { code: 'ending', why: 'the command was asked to end' }
  if (free <= 0) return { code: 'limit', why: limitIn(input) }
  if (memory.hubLimits.some(one => one.agentType === want.agentType)) {
    return {
      code: 'hub-limited',
      why: 'the hub lists jobs that it does not grant: one launch at a time tries',
    }
  }
  if (awaitedWants(input.picture, policy, input.now).has(want.key)) {
    return { code: 'rate', why: 'a call for it before this one may still arrive, and is waited for' }
  }
  const names = policy.agentTypes.get(want.agentType)?.pools ?? []
  const pools = names.flatMap(name => {
    const pool = policy.pools.get(name)
    return pool && (want.pool ?? name) === name ? [pool] : []
  })
  const waits = pools.map(pool => ({ name: pool.name, ...poolWait(pool, input, rooms.get(pool.name) ?? 0) }))
  const [first] = waits
  if (!first) return { code: 'no-pool', why: `no pool of ${want.agentType} may serve it` }
  return { code: first.code, why: waits.map(({ name, why }) => `${name}: ${why}`).join('; ') }
}

function limitIn({ policy, picture }: PlanInput): string {
  const alive = picture.units.filter(isAlive).length
  return alive >= policy.maxAlive
    ? `the installation has its most machines, ${policy.maxAlive}`
    : `the command has its most machines, ${policy.concurrency}`
}

function poolWait(pool: PoolPolicy, { memory, picture, now }: PlanInput, room: number): Wait {
  const { name, provider, resolved, max } = pool
  if (resolved.offerings.length === 0) return { code: 'pool-unread', why: 'its spec could not be read' }
  const breaker = memory.breakers.find(one => one.pool === name)
  const isTripped = (breaker?.failures ?? 0) >= breakerFailuresMax
  if (breaker && isTripped && (breaker.openUntil > now || room <= 0)) {
    return { code: 'breaker-open', why: `boots failed one after the other: ${breaker.cause}` }
  }
  if (breaker && breaker.openUntil > now) return { code: 'quota', why: breaker.cause }
  if (room <= 0) return { code: 'pool-full', why: `it has its most machines, ${max}` }

  const isOut = (id: string) =>
    memory.stockOuts.some(one => one.pool === name && one.offeringId === id && one.until > now)
  const stocked = resolved.offerings.filter(one => !isOut(one.id))
  if (stocked.length === 0) {
    const last = memory.stockOuts.find(one => one.pool === name && one.until > now)
    return { code: 'out-of-stock', why: `no offering has room: ${last?.message ?? ''}` }
  }
  const keys = stocked.map(one => lookKey(provider, one.scope))
  const seen = keys.filter(key => picture.knownScopes.has(key))
  if (seen.length === 0) return { code: 'scope-unseen', why: `${keys[0]} could not be listed` }
  return seen.some(key => isAcquainted(memory, key))
    ? { code: 'rate', why: 'the next look launches it' }
    : { code: 'scope-new', why: `${seen[0]} is new to this journal: a second look comes first` }
}
