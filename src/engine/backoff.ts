import type { Random } from '@agentctl/contract'

const firstMs = 1_000
const mostMs = 60_000

/** Equal jitter: half of the exponential bound, and anything up to it; 1 s for the first try, a minute at most. `tries` from 1. */
export function backoffMs(tries: number, random: Random): number {
  const bound = Math.min(mostMs, firstMs * 2 ** (tries - 1))
  return Math.round(bound / 2 + (random.next() * bound) / 2)
}
