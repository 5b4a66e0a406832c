import type { TickReport } from '../engine/tick.ts'
import { type UnitRecord, unitKey } from '../fleet/records.ts'
import type { Journal } from '../journal/journal.ts'

/** A unit as it stands, with the pool that it is in. */
export interface Standing {
  readonly unit: UnitRecord
  readonly pool: string
}

/** Every unit of a tick as its actions have left it: a picture is older than they are. */
export function afterActions({ picture, actions }: TickReport, journal: Journal): readonly Standing[] {
  const wants = actions.flatMap(one => (one.kind === 'launch' ? one.wants.map(want => want.key) : []))
  const launchIds = actions.flatMap(one => {
    if (one.kind === 'launch') return []
    if (one.kind === 'resume' || one.kind === 'settle') return [one.launch.launchId]
    return one.unit ? [one.unit.launchId] : []
  })
  const seen = picture.units.map(({ unit, launch }) => ({ unit, pool: launch.pool }))
  if (wants.length + launchIds.length === 0) return seen
  const { launches, units } = journal.memory(wants, launchIds)
  const poolOf = new Map(launches.map(launch => [launch.launchId, launch.pool]))
  const acted = units.map(unit => ({ unit, pool: poolOf.get(unit.launchId) ?? '' }))
  return [...new Map([...seen, ...acted].map(one => [unitKey(one.unit), one])).values()]
}
