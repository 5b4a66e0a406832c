import type { Rate } from '@agentctl/contract'
import type { BucketState } from './state.ts'

/** How long to wait for the next token; it is taken unless that is longer than `waitMsMax`. Unit: milliseconds. */
export function admit(
  buckets: Map<string, BucketState>,
  bucket: string,
  rate: Rate,
  waitMsMax: number,
  now: number,
): number {
  const left = tokensOf(buckets, bucket, rate, now) - 1
  const waitMs = left >= 0 ? 0 : Math.ceil((-left / rate.perSecond) * 1000)
  if (waitMs <= waitMsMax) buckets.set(bucket, { tokens: left, at: now })
  return waitMs
}

/** The next token comes after `retryAfterMs`, and not before those that were promised already. */
export function throttle(
  buckets: Map<string, BucketState>,
  bucket: string,
  rate: Rate,
  retryAfterMs: number,
  now: number,
): void {
  const tokens = Math.min(1 - (retryAfterMs / 1000) * rate.perSecond, tokensOf(buckets, bucket, rate, now))
  buckets.set(bucket, { tokens, at: now })
}

function tokensOf(buckets: Map<string, BucketState>, bucket: string, rate: Rate, now: number): number {
  const { tokens, at } = buckets.get(bucket) ?? { tokens: rate.burst, at: now }
  return Math.min(rate.burst, tokens + ((now - at) / 1000) * rate.perSecond)
}
