/** All in milliseconds; `expiresAt` and `startedAt` since the epoch. */
export interface Lifetime {
  readonly startedAt: number
  readonly expiresAt: number
  readonly stopGraceMs: number
}

export type Stage = 'run' | 'soft-stop' | 'forced-stop'

/** How often a changed expiry is looked for. Unit: milliseconds. */
const lookMs = 1_000

/** The soft stop comes a stop grace before the deadline, but never in the first half of a short life. Pure. */
function softStopAt({ startedAt, expiresAt, stopGraceMs }: Lifetime): number {
  return Math.max(expiresAt - stopGraceMs, (startedAt + expiresAt) / 2)
}

/** Pure. */
export function stageAt(lifetime: Lifetime, now: number): Stage {
  if (now >= lifetime.expiresAt) return 'forced-stop'
  return now >= softStopAt(lifetime) ? 'soft-stop' : 'run'
}

/** How long until it pays to look again: the wall clock is asked often, as a machine may sleep. Pure. */
export function nextLookMs(lifetime: Lifetime, now: number): number {
  const ahead = [softStopAt(lifetime), lifetime.expiresAt].map(at => at - now).filter(ms => ms > 0)
  return Math.min(lookMs, ...ahead)
}
