import type { Clock } from '@agentctl/contract'

export interface AdjustedClock extends Clock {
  /** Another clock's time less this one's, as it was measured just now. Unit: milliseconds. */
  adjust(aheadMs: number): void
  /**
   * Tells, from now on, whether all that was read from this clock since is near the time that all hosts share: not once
   * it was measured to have been set meanwhile, nor while nothing was measured for long.
   */
  trust(): () => boolean
}

/** Less is the way there and back, and no difference of clocks. Unit: milliseconds. */
const toleratedMs = 500
/** More is no drift: somebody has set the clock. Unit: milliseconds. */
const setMs = 5_000
/** It is measured every second: after so long it was set, or this host was silent for too long. Unit: milliseconds. */
const unmeasuredMs = 15_000

/** A host's clock that goes by the time that all hosts share, however wrong its own is. */
export function adjustedClock(clock: Clock): AdjustedClock {
  let by = 0
  let timesSet = 0
  let measuredAt = Number.NEGATIVE_INFINITY
  const now = () => clock.now() + by
  return {
    now,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    adjust(aheadMs) {
      if (Math.abs(aheadMs - by) > setMs) timesSet += 1
      if (Math.abs(aheadMs - by) > toleratedMs) by = Math.abs(aheadMs) > toleratedMs ? aheadMs : 0
      measuredAt = now()
    },
    trust() {
      const before = timesSet
      return () => timesSet === before && Math.abs(now() - measuredAt) <= unmeasuredMs
    },
  }
}
