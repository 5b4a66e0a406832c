import type { Queue, UnitView } from '../fleet/picture.ts'

/** Machines of one agent type that any job may take. */
export interface Ready {
  /** Not on their way down. */
  readonly up: readonly UnitView[]
  readonly busy: readonly UnitView[]
  /** Booting, or online and without a job. */
  readonly ready: readonly UnitView[]
}

export function readyIn(alive: readonly UnitView[], queue: Queue): Ready {
  const up = alive.filter(view => view.unit.jobId === undefined && !isLeaving(view))
  const busy = new Set(busyOf(up, queue))
  return { up, busy: [...busy], ready: up.filter(view => !busy.has(view)) }
}

/** On its way down, or about to be: its agent was online, and is not any more; or lists have begun to miss it. */
function isLeaving({ unit, agent }: UnitView): boolean {
  if (unit.phase === 'draining' || unit.phase === 'terminating' || unit.absentSince !== undefined) return true
  return agent === 'absent' && unit.entered.online !== undefined
}

/** Who has a job: as the hub says, or, where it does not name them, as many of the oldest as it says are running. */
function busyOf(up: readonly UnitView[], { runningCount }: Queue): readonly UnitView[] {
  const isNamed = (view: UnitView) => view.agent !== 'unknown'
  const named = up.filter(view => view.agent === 'busy')
  if (up.every(isNamed)) return named
  const nameless = up.filter(view => !isNamed(view)).toSorted((one, other) => bornAt(one) - bornAt(other))
  const running = Math.max(0, (runningCount ?? nameless.length) - named.length)
  return [...named, ...nameless.slice(0, running)]
}

function bornAt({ unit }: UnitView): number {
  return unit.entered.requested ?? unit.entered.booting ?? 0
}
