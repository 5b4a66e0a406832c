import {
  type Call,
  type CallClass,
  type Clock,
  contractError,
  type ErrorCode,
  type Log,
} from '@agentctl/contract'

/** Longest time of one call. Unit: milliseconds. */
export const callMs: Readonly<Record<CallClass, number>> = {
  launch: 60_000,
  terminate: 30_000,
  read: 30_000,
  mark: 30_000,
}
/** A provider ends a call by its deadline (rule C1); one that does not must not hold up the rest for ever. */
const graceMs = 5_000
/** The reason of an abort that nobody sees; without one each would make an error with its stack. */
const over = 'over'

/** A call of a cloud, and how it ended. */
export interface CallSeen {
  readonly provider: string
  readonly callClass: CallClass
  readonly outcome: 'ok' | ErrorCode
  readonly tookMs: number
}

export interface CallDeps {
  readonly clock: Clock
  readonly log: Log
  /** Aborted when the command leaves at once. */
  readonly signal: AbortSignal
  /** Told of each call that was sent, once it has ended. */
  readonly onCall?: ((call: CallSeen) => void) | undefined
}

/**
 * Gives `work` a call whose signal is aborted at its deadline, on the injected clock.
 * @throws `outcome-unknown` when it has not ended a moment later
 */
export async function withCall<T>(
  { clock, log, signal }: CallDeps,
  limitMs: number,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController()
  const finished = new AbortController()
  const endless = Promise.withResolvers<never>()
  const watch = async () => {
    await clock.sleep(limitMs, finished.signal)
    deadline.abort(new Error(`no answer within ${limitMs / 1000} s`))
    await clock.sleep(graceMs, finished.signal)
    endless.reject(
      contractError('outcome-unknown', `The call did not end within ${(limitMs + graceMs) / 1000} s`),
    )
  }
  // Cut short when the work has ended first.
  watch().catch(() => undefined)
  const call = { signal: AbortSignal.any([signal, deadline.signal]), deadlineMs: clock.now() + limitMs, log }
  try {
    return await Promise.race([work(call), endless.promise])
  } finally {
    finished.abort(over)
  }
}
