import { heldUntil, isHeld } from '../fleet/holds.ts'
import { isAlive } from '../fleet/picture.ts'
import type { UnitRecord } from '../fleet/records.ts'
import { unitKey } from '../fleet/records.ts'
import type { Progress } from '../operations/provision.ts'
import { shortJob, span, table } from './table.ts'

/** Rows of the live table; what is gone falls out at the end. */
const rowsMax = 25

function counts({ wants, aliveCount }: Progress): string {
  const states = Map.groupBy(wants, ({ state }) => state.state)
  const of = (...names: readonly string[]) =>
    names.reduce((sum, name) => sum + (states.get(name as never)?.length ?? 0), 0)
  return `${of('done')} done, ${of('served')} under way, ${of('open', 'refused', 'unclear')} waiting, ${of('failed')} failed; ${aliveCount} instances`
}

/** The table that is redrawn in place on a terminal. */
export function liveTable(progress: Progress): string {
  const { units, now, hubLimited } = progress
  const alive = units.filter(isAlive)
  const rows = alive
    .slice(0, rowsMax)
    .map(view => [view, view.unit, view.launch, view.instance] as const)
    .map(([view, unit, launch, instance]) => [
      instance?.id ?? unit.name,
      launch.pool,
      isHeld(view, now) ? `held for ${span(heldUntil(view) - now)}` : unit.phase,
      span(now - (unit.entered.requested ?? unit.entered.booting ?? now)),
      shortJob(unit.jobId),
      unit.reason ?? '',
    ])
  const rest = alive.length > rowsMax ? [`… and ${alive.length - rowsMax} more`] : []
  return [
    counts(progress),
    ...hubLimited.map(type => `${type}: the hub lists jobs that it does not grant yet; probing`),
    ...(rows.length > 0 ? table(['INSTANCE', 'POOL', 'PHASE', 'AGE', 'JOB', 'REASON'], rows) : []),
    ...rest,
  ].join('\n')
}

/** Lines for a log: one for each unit that entered another phase since the last call. */
export function phaseLines(seen: Map<string, string>): (progress: Progress) => readonly string[] {
  return progress =>
    progress.units.flatMap(({ unit, instance }) => {
      const key = unitKey(unit)
      const before = seen.get(key)
      if (before === unit.phase) return []
      seen.set(key, unit.phase)
      // What was gone before this command began is none of its news.
      if (before === undefined && unit.phase === 'gone') return []
      return [phaseLine(unit, instance?.id ?? unit.instanceId ?? unit.name, progress.now)]
    })
}

function phaseLine(unit: UnitRecord, id: string, now: number): string {
  const job = unit.jobId ? ` job=${unit.jobId}` : ''
  const reason = unit.reason ? ` reason=${unit.reason}` : ''
  return `${new Date(now).toISOString()} ${id} ${unit.phase}${job}${reason}`
}
