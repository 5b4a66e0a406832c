import type { Clock } from '@agentctl/contract'

export interface AdjustedClock extends Clock {
  /** Another clock's time less this one's, as it was measured last. Unit: milliseconds. */
  adjust(aheadMs: number): void
}

/** Less is the way there and back, and no difference of clocks. Unit: milliseconds. */
const toleratedMs = 500

/** A host's clock that goes by the time that all hosts share, however wrong its own is. */
export function adjustedClock(clock: Clock): AdjustedClock {
  let by = 0
  return {
    now: () => clock.now() + by,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    adjust(aheadMs) {
      if (Math.abs(aheadMs - by) > toleratedMs) by = Math.abs(aheadMs) > toleratedMs ? aheadMs : 0
    },
  }
}
