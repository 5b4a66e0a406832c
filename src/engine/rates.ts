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
export function take(before: Bucket, now: number): { readonly bucket: Bucket; readonly waitMs: number } {
  const { rate } = before
  const left = tokensAt(before, now) - 1
  const waitMs = left >= 0 ? 0 : Math.ceil((-left / rate.perSecond) * 1000)
  return { bucket: { rate, tokens: left, at: now }, waitMs }
}

/** After the cloud said "too fast": the next token comes after `retryAfterMs`, and not before those promised already. */
export function drained(before: Bucket, now: number, retryAfterMs: number): Bucket {
  const { rate } = before
  const tokens = Math.min(0, 1 - (retryAfterMs / 1000) * rate.perSecond, tokensAt(before, now))
  return { rate, tokens, at: now }
}

function tokensAt({ rate, tokens, at }: Bucket, now: number): number {
  return Math.min(rate.burst, tokens + (Math.max(0, now - at) / 1000) * rate.perSecond)
}
