import { type Call, type Clock, contractError, type ErrorCode } from '@agentctl/contract'
import { toContractError } from './errors.ts'

/** A timer longer than this wraps around in Node. Unit: milliseconds. */
const sleepMaxMs = 3_600_000

export interface Bounds {
  /** Names the verb and the thing, for messages. */
  readonly what: string
  readonly call: Call
  readonly clock: Clock
  /** What it means that time or patience ran out while the work was under way. */
  readonly late: ErrorCode
}

/** @throws `cancelled` or `unavailable` where the call is over before its work has begun */
export function assertOpen({ what, call, clock }: Bounds): void {
  if (call.signal.aborted)
    throw contractError('cancelled', `${what} was cancelled`, { cause: call.signal.reason })
  if (clock.now() >= call.deadlineMs) throw contractError('unavailable', `${what} had no time left`)
}

/** The work's result, or an error as soon as the call is over. Everything thrown is a contract error. Rules C1, C2. */
export async function within<T>(bounds: Bounds, work: () => Promise<T>): Promise<T> {
  assertOpen(bounds)
  const done = new AbortController()
  try {
    return await Promise.race([work(), callOver(bounds, done.signal)])
  } catch (error) {
    throw toContractError(error, bounds.what)
  } finally {
    done.abort()
  }
}

async function callOver({ what, call, clock, late }: Bounds, done: AbortSignal): Promise<never> {
  const either = AbortSignal.any([call.signal, done])
  try {
    for (let left = call.deadlineMs - clock.now(); left > 0; left = call.deadlineMs - clock.now()) {
      await clock.sleep(Math.min(left, sleepMaxMs), either)
    }
  } catch (cause) {
    if (call.signal.aborted) {
      const code = late === 'outcome-unknown' ? late : 'cancelled'
      throw contractError(code, `${what} was cancelled while it was under way`, { cause })
    }
    // The work has ended, and nobody listens any more.
    return new Promise<never>(() => undefined)
  }
  throw contractError(late, `${what} did not end in time`)
}
