import type { Guard, Terminate } from './actions.ts'
import type { AgentSeen, UnitView } from './picture.ts'
import type { PlanInput } from './plan.ts'
import { type UnitRecord, unitKey } from './records.ts'

/** A guard that failed is tried again. Unit: milliseconds. */
const guardAgainMs = 20_000
/**
 * Without a hub that says who is online, a console that costs a call is read so far apart while its machine boots: a
 * boot of a minute costs four reads. Unit: milliseconds.
 */
const guardLookEveryMs = 15_000

/** Marks of a guest that has its user data on its own disk. */
const readMarks: readonly string[] = ['set-up', 'agent-started', 'agent-registered', 'agent-ended']

function hasReadUserData({ marks, entered }: UnitRecord, agent: AgentSeen): boolean {
  if (agent === 'idle' || agent === 'busy' || entered.online !== undefined) return true
  return readMarks.some(mark => mark in marks)
}

/** Whether the console of a running machine is worth a call now, to learn that its user data can go. */
export function isGuardLookDue(unit: UnitRecord, agent: AgentSeen, now: number): boolean {
  // The hub will say it for nothing.
  if (agent !== 'unknown' || unit.guardedAt !== undefined || hasReadUserData(unit, agent)) return false
  const since = unit.guardLookedAt ?? unit.entered.booting
  return since !== undefined && now - since >= guardLookEveryMs
}

/** Machines whose user data has been read and is still there; not those that end anyway. */
export function planGuards(
  { picture, policy, now }: PlanInput,
  endings: readonly Terminate[],
): readonly Guard[] {
  const ending = new Set(endings.flatMap(({ unit }) => (unit ? [unitKey(unit)] : [])))
  return picture.units.flatMap((view): Guard[] => {
    const { unit, instance, launch } = view
    if (!isDue(view, now) || !instance || ending.has(unitKey(unit)) || !policy.isMine(launch)) return []
    const { kind, id, scope } = instance
    const why = 'its guest has read its user data'
    return [{ kind: 'guard', provider: launch.provider, ref: { kind, id, scope }, unit, why }]
  })
}

function isDue({ unit, instance, agent, isGuardNeeded }: UnitView, now: number): boolean {
  if (!isGuardNeeded || unit.guardedAt !== undefined || instance?.state !== 'running') return false
  return now - (unit.guardAskedAt ?? 0) >= guardAgainMs && hasReadUserData(unit, agent)
}
