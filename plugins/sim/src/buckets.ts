import type { Clock, Rate } from '@agentctl/contract'

/** Token buckets that fill with time, one per key, made when first asked for. */
export interface Buckets {
  /** Takes a token and answers 0, or answers how long to wait for one. Unit: milliseconds. */
  take(key: string, rate: Rate | undefined): number
}

export function createBuckets(clock: Clock): Buckets {
  const levels = new Map<string, { tokens: number; at: number }>()
  return {
    take(key, rate) {
      if (rate === undefined) return 0
      const now = clock.now()
      const { tokens, at } = levels.get(key) ?? { tokens: rate.burst, at: now }
      const filled = Math.min(rate.burst, tokens + ((now - at) / 1000) * rate.perSecond)
      const isTaken = filled >= 1
      levels.set(key, { tokens: isTaken ? filled - 1 : filled, at: now })
      return isTaken ? 0 : Math.ceil(((1 - filled) / rate.perSecond) * 1000)
    },
  }
}
