import type { Action } from '../fleet/actions.ts'
import { isAlive, type UnitView } from '../fleet/picture.ts'
import { breakerFailuresMax } from '../fleet/policy.ts'
import type { Unservable } from '../fleet/unservable.ts'
import type { CapacityTick } from '../operations/capacity.ts'
import { exitOf } from './capacity-exit.ts'
import { span } from './table.ts'

export interface ActionJson {
  readonly kind: Action['kind']
  readonly pool: string
  readonly agentType: string
  /** What a launch is for, by its wants; the instance that ends. */
  readonly units: readonly string[]
  readonly offering: string | null
  readonly reason: string | null
  readonly why: string
}

export interface PoolJson {
  readonly pool: string
  readonly provider: string
  readonly max: number
  readonly launched: number
  readonly ended: number
  /** Machines by phase, as they were seen last. */
  readonly phases: Readonly<Record<string, number>>
  readonly breaker: {
    readonly state: 'open' | 'paused'
    readonly cause: string
    readonly console: string | null
  } | null
  readonly error: string | null
}

export interface TypeJson {
  readonly agentType: string
  /** By the hub; null where it could not be read. */
  readonly queued: number | null
  readonly running: number | null
  readonly isHubLimited: boolean
  /** Wants by state. */
  readonly wants: Readonly<Record<string, number>>
}

export interface CapacityJson {
  readonly pools: readonly PoolJson[]
  readonly types: readonly TypeJson[]
  readonly actions: readonly ActionJson[]
  readonly unseen: readonly string[]
  readonly strange: readonly string[]
  /** Resources that were ended since nothing of ours uses them, or they are past their time. */
  readonly swept: readonly { readonly kind: string; readonly id: string; readonly why: string }[]
  /** Jobs that were ended at the hub, since no machine can be made for them. */
  readonly stopped: readonly Unservable[]
  /** Why nothing that runs was swept. */
  readonly frozen: string | null
  readonly exit: number
}

/** What a tick came to, and what was done before it in the same run; the state is the one that it saw. */
export function capacityJson(tick: CapacityTick, before?: CapacityJson): CapacityJson {
  const { policy, swept, unseen, strange } = tick
  const actions = [...(before?.actions ?? []), ...tick.actions.map(action => actionJson(action, tick))]
  const ended = (swept?.ended ?? []).map(({ ref, why }) => ({ kind: ref.kind, id: ref.id, why }))
  const frozen = swept?.frozen ?? before?.frozen ?? null
  const actionsIn = Map.groupBy(actions, action => action.pool)
  const alive = Map.groupBy(tick.picture.units.filter(isAlive), view => view.launch.pool)
  const wants = Map.groupBy(tick.wants, ({ want }) => want.agentType)
  return {
    pools: [...policy.pools.keys()].map(pool =>
      poolJson(pool, tick, { actions: actionsIn.get(pool) ?? [], alive: alive.get(pool) ?? [] }),
    ),
    types: [...policy.agentTypes.keys()].map(type => typeJson(type, tick, wants.get(type) ?? [])),
    actions,
    unseen,
    strange,
    swept: [...(before?.swept ?? []), ...ended],
    stopped: [...(before?.stopped ?? []), ...(tick.stopped ?? [])],
    frozen,
    exit: exitOf(tick, frozen !== null),
  }
}

function actionJson(action: Action, { picture }: CapacityTick): ActionJson {
  const { kind, why } = action
  if (kind === 'launch') {
    const { pool, agentType, offering, wants } = action
    return {
      kind,
      pool,
      agentType,
      units: wants.map(one => one.key),
      offering: offering.id,
      reason: null,
      why,
    }
  }
  if (kind === 'terminate' || kind === 'guard') {
    const view = picture.units.find(one => one.instance?.id === action.ref.id)
    const { pool = '', agentType = '' } = view?.launch ?? {}
    const reason = kind === 'terminate' ? action.reason : null
    return { kind, pool, agentType, units: [action.ref.id], offering: null, reason, why }
  }
  const { pool, agentType, offering, launchId } = action.launch
  return { kind, pool, agentType, units: [launchId], offering: offering.id, reason: null, why }
}

function countBy<T>(items: readonly T[], nameOf: (item: T) => string): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy(items, nameOf)].map(([name, of]) => [name, of.length]))
}

/** What is of one pool. */
interface PoolPart {
  readonly actions: readonly ActionJson[]
  readonly alive: readonly UnitView[]
}

function poolJson(name: string, last: CapacityTick, { actions, alive }: PoolPart): PoolJson {
  const pool = last.policy.pools.get(name)
  const count = (kind: Action['kind']) =>
    actions.filter(one => one.kind === kind).reduce((sum, one) => sum + one.units.length, 0)
  return {
    pool: name,
    provider: pool?.provider ?? '',
    max: pool?.max ?? 0,
    launched: count('launch'),
    ended: new Set(actions.filter(one => one.kind === 'terminate').flatMap(one => one.units)).size,
    phases: countBy(alive, view => view.unit.phase),
    breaker: breakerJson(name, last),
    error: last.broken.get(name)?.message ?? null,
  }
}

function breakerJson(name: string, { breakers, now }: CapacityTick): PoolJson['breaker'] {
  const breaker = breakers.find(one => one.pool === name)
  if (!breaker) return null
  const isTripped = breaker.failures >= breakerFailuresMax
  if (!isTripped && breaker.openUntil <= now) return null
  const { cause, consoleTail = null } = breaker
  const until = breaker.openUntil > now ? `, for ${span(breaker.openUntil - now)} more` : ', one launch tries'
  return isTripped
    ? {
        state: 'open',
        cause: `${breaker.failures} boots failed one after the other${until}; the first: ${cause}`,
        console: consoleTail,
      }
    : { state: 'paused', cause: `${cause}${until}`, console: null }
}

function typeJson(agentType: string, last: CapacityTick, wants: CapacityTick['wants']): TypeJson {
  const queue = last.picture.queues.get(agentType)
  const known = queue?.state === 'known' ? queue.value : undefined
  return {
    agentType,
    queued: known ? known.queuedCount : null,
    running: known?.runningCount ?? null,
    isHubLimited: last.hubLimits.some(limit => limit.agentType === agentType),
    wants: countBy(wants, ({ state }) => state.state),
  }
}
