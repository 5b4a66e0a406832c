import { Cron } from 'croner'

/** Raises a pool's targets for a while, whenever `cron` comes due. */
interface Schedule {
  readonly cron: string
  readonly timeZone: string
  readonly forMs: number
  readonly min?: number
  readonly idle?: number
}

export interface Targets {
  readonly min: number
  readonly idle: number
}

/** What a pool is to keep at `now`: its own targets, raised by each schedule whose window is open. */
export function targetsAt(
  capacity: Targets & { readonly schedules: readonly Schedule[] },
  now: number,
): Targets {
  const open = capacity.schedules.filter(schedule => isOpen(schedule, now))
  return {
    min: Math.max(capacity.min, ...open.map(one => one.min ?? 0)),
    idle: Math.max(capacity.idle, ...open.map(one => one.idle ?? 0)),
  }
}

/**
 * A window begins by the clock on the wall of its time zone, and lasts as long as it says: on a night when the clock
 * goes back or forth, `for` is still hours that pass.
 */
function isOpen({ cron, timeZone, forMs }: Schedule, now: number): boolean {
  // What began in this very second counts; the scheduler looks strictly before.
  const before = new Date(Math.floor(now / 1000) * 1000 + 1000)
  const [begun] = new Cron(cron, { timezone: timeZone, paused: true }).previousRuns(1, before)
  return begun !== undefined && now - begun.getTime() < forMs
}
