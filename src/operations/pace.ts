import type { CapacityTick } from './capacity.ts'

const busyMs = 2_000
const quietMs = 5_000

/** Time to the next tick: short while something is under way or waited for. Unit: milliseconds. */
export function paceOf({ picture, actions, wants }: CapacityTick): number {
  const isMoving = picture.units.some(
    ({ unit, instance }) => unit.phase !== 'gone' && (unit.phase !== 'online' || instance === undefined),
  )
  const isWanting = wants.some(({ state }) => state.state !== 'served' && state.state !== 'failed')
  return isMoving || isWanting || actions.length > 0 ? busyMs : quietMs
}
