import type { Terminate } from './actions.ts'
import { expiresAtOf, isSurelyNotOnline, type Overdue, overdue } from './deadlines.ts'
import { isHeld } from './holds.ts'
import { isAlive, type UnitView } from './picture.ts'
import type { PlanInput } from './plan.ts'
import { lastWordMs, type Policy, terminateAgainMs } from './policy.ts'
import { unitKey } from './records.ts'

/** Machines to end. Nothing is ended in a scope that could not be listed completely. */
export function planEndings({ picture, policy, now }: PlanInput): readonly Terminate[] {
  return picture.units.flatMap((view): Terminate[] => {
    const { unit, instance, launch } = view
    if (!policy.isMine(launch)) return []
    if (!instance || !view.isScopeKnown || !isAlive(view) || isHeld(view, now)) return []
    if (isEndingSoon(view, now)) return []
    const ending = endingOf(view, policy, now)
    if (!ending) return []
    return [{ kind: 'terminate', provider: launch.provider, ref: refOf(instance), unit, ...ending }]
  })
}

function refOf({ kind, id, scope }: NonNullable<UnitView['instance']>) {
  return { kind, id, scope }
}

/**
 * The cloud is at it: what a list that lags still shows of it is no reason to ask again. One that does not lag, and
 * shows it powered off, waits for the second call that removes it.
 */
export function isEndingSoon({ unit, instance, isListStrong }: UnitView, now: number): boolean {
  const { terminateAcceptedAt } = unit
  if (terminateAcceptedAt === undefined || now - terminateAcceptedAt > terminateAgainMs) return false
  return !isListStrong || (instance?.state !== 'stopped' && instance?.state !== 'failed')
}

type Ending = Overdue & Pick<Terminate, 'isCallOff'>

function endingOf(view: UnitView, policy: Policy, now: number): Ending | undefined {
  const { unit, instance, launch } = view
  if (instance?.state === 'stopped' || instance?.state === 'failed') {
    const stoppedAt = unit.entered.draining ?? now
    if (unit.reason === undefined && expiresAtOf(view) > now && now - stoppedAt < lastWordMs) return undefined
    return { reason: unit.reason ?? 'unknown', why: `it is ${instance.state}` }
  }
  if (unit.terminateAskedAt !== undefined && !mayWorkAfterAll(view)) {
    return { reason: unit.reason ?? 'unknown', why: 'it was asked to end, and is still there' }
  }
  if (policy.intent === 'end') return { reason: 'cancelled', why: 'everything is to end' }
  if (policy.intent === 'drain' && cannotHaveRegistered(view)) {
    const why = 'it has no agent yet, and none is wanted any more'
    return { reason: 'cancelled', why, isCallOff: true }
  }
  const pool = policy.pools.get(launch.pool)
  const late = pool && overdue(view, pool.timeouts, now)
  if (late) return late
  const why = policy.surplus.get(unitKey(unit))
  return why === undefined ? undefined : { reason: 'not-needed', why, isCallOff: true }
}

/** Called off for having no agent yet, by a call that may never have left: meanwhile it may have one. */
function mayWorkAfterAll(view: UnitView): boolean {
  const { reason, terminateAcceptedAt } = view.unit
  return reason === 'not-needed' && terminateAcceptedAt === undefined && !cannotHaveRegistered(view)
}

/** Ending it now can cost no job: its agent was not even started when we last looked. */
export function cannotHaveRegistered(
  view: Pick<UnitView, 'unit' | 'instance' | 'agent'> & Partial<Pick<UnitView, 'isListStrong'>>,
): boolean {
  const { unit, instance, agent, isListStrong } = view
  if (agent === 'idle' || agent === 'busy' || unit.entered.online !== undefined) return false
  // A list that lags shows what was: its agent may have registered since.
  if (instance?.state === 'pending' && isListStrong) return true
  return isSurelyNotOnline(view) && 'booted' in unit.marks && !('agent-started' in unit.marks)
}
