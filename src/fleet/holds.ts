import type { Timeouts } from './deadlines.ts'
import { isRunning, type UnitView } from './picture.ts'

/** Said by a guest that keeps its machine after a failure: the time at which it lets it go. */
export const holdEndsMark = 'hold-ends'

/**
 * Until when a machine is held for debugging: by a person, as its tags say, or by its own guest, as its console says;
 * never past its own deadline. 0 for one that is not held, or whose end was asked for already.
 */
export function heldUntil(view: UnitView): number {
  const { unit, instance } = view
  if (!instance || unit.terminateAskedAt !== undefined) return 0
  const until = Math.max(instance.ownership.holdUntil ?? 0, heldByGuestUntil(view))
  return Math.min(until, instance.ownership.expiresAt)
}

/** A guest that has powered off keeps nothing. */
function heldByGuestUntil({ unit, instance }: UnitView): number {
  return instance && isRunning(instance) ? (unit.marks[holdEndsMark] ?? 0) : 0
}

export function isHeld(view: UnitView, now: number): boolean {
  return heldUntil(view) > now
}

/** Its guest has said why its work ended, and keeps the machine: no agent runs on it, so it serves nobody. */
export function isHeldAfterwards({ unit }: UnitView): boolean {
  return holdEndsMark in unit.marks && unit.reason !== undefined
}

/**
 * Where nobody can read whether a guest holds its machine, it is given the time to: its own timers end it then. A guest
 * whose console is read says so itself.
 */
export function unseenHoldMs({ unit, launch }: UnitView, timeouts: Timeouts): number {
  if ('booted' in unit.marks || 'power-off' in unit.marks) return 0
  return Math.max(launch.holdMs ?? 0, timeouts.holdMs ?? 0)
}
