import type { Rate } from '@agentctl/contract'

/** A token bucket as a value: `tokens` as they were at `at`. */
export interface Bucket {
  readonly rate: Rate
  readonly tokens: number
  readonly at: number
}

export function fullBucket(rate: Rate, now: number): Bucket {
  return { rate, tokens: rate.burst, at: now }
}

/** Takes one token, perhaps one that is still to come: `waitMs` says how long to wait for it. */
export function take(
  { rate, tokens, at }: Bucket,
  now: number,
): { readonly bucket: Bucket; readonly waitMs: number } {
  const refilled = Math.min(rate.burst, tokens + (Math.max(0, now - at) / 1000) * rate.perSecond)
  const left = refilled - 1
  const waitMs = left >= 0 ? 0 : Math.ceil((-left / rate.perSecond) * 1000)
  return { bucket: { rate, tokens: left, at: now }, waitMs }
}

/** After the cloud said "too fast": nothing is left, and the next token comes after `retryAfterMs`. */
export function drained({ rate }: Bucket, now: number, retryAfterMs: number): Bucket {
  return { rate, tokens: Math.min(0, 1 - (retryAfterMs / 1000) * rate.perSecond), at: now }
}
