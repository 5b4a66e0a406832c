import type { Clock } from './effects.ts'
import { type ContractError, contractError, type ErrorCode } from './errors.ts'
import type { Call } from './provider.ts'

/** A timer longer than this wraps around in Node. Unit: milliseconds. */
const sleepMaxMs = 3_600_000
/** An abort at a deadline comes with it, give or take a timer's tick. Unit: milliseconds. */
const tickMs = 50

export interface Bounds {
  /** Names the verb and the thing, for messages. */
  readonly what: string
  readonly call: Call
  readonly clock: Clock
  /** Whatever was thrown, as a contract error. */
  readonly toError: (error: unknown, what: string) => ContractError
  /** What it means that the call was over while the work was under way; left out, `cancelled` or `unavailable`. */
  readonly late?: () => ErrorCode | undefined
  /** What to do about a deadline that was too near. */
  readonly hint?: () => string | undefined
}

/** @throws `cancelled` or `unavailable` where the call is over before its work has begun */
export function assertOpen({ what, call, clock }: Pick<Bounds, 'what' | 'call' | 'clock'>): void {
  if (call.signal.aborted) {
    throw contractError('cancelled', `${what} was cancelled`, { cause: call.signal.reason })
  }
  if (clock.now() >= call.deadlineMs) throw contractError('unavailable', `${what} had no time left`)
}

/**
 * The work's result, or an error as soon as the call is over; then the signal that the work has is aborted, with that
 * error for a reason. Everything thrown is a contract error. Rules C1, C2.
 */
export async function within<T>(bounds: Bounds, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  assertOpen(bounds)
  const { what, call, clock, toError } = bounds
  const over = new AbortController()
  const done = new AbortController()
  const end = () => over.abort(overError(bounds))
  call.signal.addEventListener('abort', end, { once: true, signal: done.signal })
  sleepUntil(clock, call.deadlineMs, done.signal).then(end, () => undefined)
  const ended = new Promise<never>((_, reject) => {
    over.signal.addEventListener('abort', () => reject(over.signal.reason), { once: true })
  })
  try {
    return await Promise.race([work(over.signal), ended])
  } catch (error) {
    if (over.signal.aborted) throw over.signal.reason
    throw toError(error, what)
  } finally {
    done.abort()
  }
}

function overError({ what, call, clock, late, hint }: Bounds): ContractError {
  const isLate = clock.now() >= call.deadlineMs - tickMs
  const code = late?.() ?? (isLate ? 'unavailable' : 'cancelled')
  const message = isLate ? `${what} did not end in time` : `${what} was cancelled while it was under way`
  const advice = isLate ? hint?.() : undefined
  return contractError(code, message, {
    ...(advice !== undefined && { hint: advice }),
    ...(call.signal.aborted && { cause: call.signal.reason }),
  })
}

async function sleepUntil(clock: Clock, untilMs: number, signal: AbortSignal): Promise<void> {
  for (let left = untilMs - clock.now(); left > 0; left = untilMs - clock.now()) {
    await clock.sleep(Math.min(left, sleepMaxMs), signal)
  }
}
