import type { TickReport } from '../engine/tick.ts'
import { type UnitRecord, unitKey } from '../fleet/records.ts'
import type { Journal } from '../journal/journal.ts'

/** What a tick has made of a unit. */
export interface UnitNews {
  readonly pool: string
  /** As it was written down before; undefined for one that is new. */
  readonly before: UnitRecord | undefined
  readonly unit: UnitRecord
}

/** The units of a tick as its actions have left them: its picture is older than they are. */
export function unitNews({ picture, before, actions }: TickReport, journal: Journal): readonly UnitNews[] {
  const wants = actions.flatMap(one => (one.kind === 'launch' ? one.wants.map(want => want.key) : []))
  const launchIds = actions.flatMap(one => {
    if (one.kind === 'launch') return []
    if (one.kind === 'resume' || one.kind === 'settle') return [one.launch.launchId]
    return one.unit ? [one.unit.launchId] : []
  })
  const known = new Map(before.map(unit => [unitKey(unit), unit]))
  const news = (unit: UnitRecord, pool: string): UnitNews => ({
    pool,
    before: known.get(unitKey(unit)),
    unit,
  })
  const seen = picture.units.map(({ unit, launch }) => news(unit, launch.pool))
  if (wants.length + launchIds.length === 0) return seen
  const { launches, units } = journal.memory(wants, launchIds)
  const poolOf = new Map(launches.map(launch => [launch.launchId, launch.pool]))
  const acted = units.map(unit => news(unit, poolOf.get(unit.launchId) ?? ''))
  return [...new Map([...seen, ...acted].map(one => [unitKey(one.unit), one])).values()]
}
