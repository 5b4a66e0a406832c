import type { Action } from '../fleet/actions.ts'
import type { Known, Picture, Queue, UnitView } from '../fleet/picture.ts'
import { breakerFailuresMax, breakerOpenMs } from '../fleet/policy.ts'
import { isBootFailure } from '../fleet/reasons.ts'
import { type Breaker, type HubLimit, type Memory, type UnitRecord, unitKey } from '../fleet/records.ts'

export interface Turns {
  readonly cameOnline: readonly UnitView[]
  readonly ended: readonly UnitView[]
}

/** Units that, since the memory was written, came online, or got the reason of their end. */
export function turnsOf(picture: Picture, memory: Memory): Turns {
  const before = new Map<string, UnitRecord>(memory.units.map(unit => [unitKey(unit), unit]))
  const old = (view: UnitView) => before.get(unitKey(view.unit))
  return {
    cameOnline: picture.units.filter(
      view => view.unit.entered.online !== undefined && old(view)?.entered.online === undefined,
    ),
    ended: picture.units.filter(view => view.unit.reason !== undefined && old(view)?.reason === undefined),
  }
}

/** Machines that the plan ends: their reason is its own, and no observation will tell it. */
export function plannedEnds(picture: Picture, actions: readonly Action[]): Turns {
  const reasons = new Map(
    actions.flatMap(action =>
      action.kind === 'terminate' && action.unit ? [[unitKey(action.unit), action.reason] as const] : [],
    ),
  )
  const ended = picture.units.flatMap(view => {
    const reason = reasons.get(unitKey(view.unit))
    return reason && view.unit.reason === undefined ? [{ ...view, unit: { ...view.unit, reason } }] : []
  })
  return { cameOnline: [], ended }
}

/** A machine that came online closes its pool's breaker; boot failures one after the other open it. */
export function nextBreakers(
  { cameOnline, ended }: Turns,
  { queues }: Pick<Picture, 'queues'>,
  memory: Memory,
  now: number,
): readonly Breaker[] {
  const online = new Set(cameOnline.map(view => view.launch.pool))
  const failed = Map.groupBy(
    ended.filter(view => hasFailedToBoot(view, queues)),
    view => view.launch.pool,
  )
  return [...new Set([...online, ...failed.keys()])].flatMap((pool): Breaker[] => {
    const breaker = memory.breakers.find(one => one.pool === pool)
    if (online.has(pool)) return breaker ? [closed(breaker)] : []
    const views = failed.get(pool) ?? []
    const failures = (breaker?.failures ?? 0) + views.length
    const openUntil = failures >= breakerFailuresMax ? now + breakerOpenMs : (breaker?.openUntil ?? 0)
    const { unit } = views[0] ?? {}
    const cause = breaker?.failures ? breaker.cause : `${unit?.reason}: ${unit?.detail ?? ''}`
    const firstLaunchId = breaker?.failures ? breaker.firstLaunchId : unit?.launchId
    return [{ pool, failures, openUntil, cause, ...(firstLaunchId && { firstLaunchId }) }]
  })
}

/** Its agent never came online: by the reason of its end, by a console that tells of no agent, by its job that still waits. */
function hasFailedToBoot({ unit, launch }: UnitView, queues: Picture['queues']): boolean {
  const { reason = 'unknown', entered, consoleTail, jobId } = unit
  if (entered.online !== undefined) return false
  if (reason !== 'unknown') return isBootFailure(reason)
  return consoleTail !== undefined || isListed(jobId, queues.get(launch.agentType))
}

function isListed(jobId: string | undefined, queue: Known<Queue> | undefined): boolean {
  return jobId !== undefined && queue?.state === 'known' && queue.value.jobIds.includes(jobId)
}

/** A pause for a quota is not over because a machine came online. */
function closed(breaker: Breaker): Breaker {
  const isTripped = breaker.failures >= breakerFailuresMax
  return { ...breaker, failures: 0, openUntil: isTripped ? 0 : breaker.openUntil }
}

/**
 * A bound machine that was refused while its job is still listed means that the hub grants fewer jobs than it lists:
 * launches of that type become probes, until a bound agent registers. A queue that was not read says nothing.
 */
export function nextHubLimits({ cameOnline }: Turns, picture: Picture, memory: Memory, now: number) {
  const bound = picture.units.filter(view => view.unit.jobId !== undefined)
  const grantedAt = new Map<string, number>()
  for (const { unit, launch } of bound) {
    grantedAt.set(launch.agentType, Math.max(grantedAt.get(launch.agentType) ?? 0, unit.entered.online ?? 0))
  }
  const refused = bound.filter(({ unit, launch }) => {
    if (unit.reason !== 'not-needed' || leftAt(unit) <= (grantedAt.get(launch.agentType) ?? 0)) return false
    return isListed(unit.jobId, picture.queues.get(launch.agentType))
  })
  const granted = new Set(
    cameOnline.filter(view => view.unit.jobId !== undefined).map(view => view.launch.agentType),
  )
  const limited = new Set(memory.hubLimits.map(limit => limit.agentType))
  const set = [...new Set(refused.map(view => view.launch.agentType))]
    .filter(agentType => !limited.has(agentType))
    .map((agentType): HubLimit => ({ agentType, since: now, lastProbeAt: now }))
  return { set, cleared: [...granted].filter(agentType => limited.has(agentType)) }
}

function leftAt({ entered }: UnitRecord): number {
  return entered.draining ?? entered.terminating ?? entered.gone ?? 0
}
