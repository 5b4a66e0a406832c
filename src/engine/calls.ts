import type { Call, CallClass, Clock, Log } from '@agentctl/contract'

/** Longest time of one call. Unit: milliseconds. */
export const callMs: Readonly<Record<CallClass, number>> = {
  launch: 60_000,
  terminate: 30_000,
  read: 30_000,
  mark: 30_000,
}

export interface CallDeps {
  readonly clock: Clock
  readonly log: Log
  /** Aborted when the command leaves at once. */
  readonly signal: AbortSignal
}

/** Gives `work` a call whose signal is aborted at its deadline, on the injected clock. */
export async function withCall<T>(
  { clock, log, signal }: CallDeps,
  limitMs: number,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController()
  const finished = new AbortController()
  clock.sleep(limitMs, finished.signal).then(
    () => deadline.abort(new Error(`no answer within ${limitMs / 1000} s`)),
    () => undefined,
  )
  try {
    return await work({
      signal: AbortSignal.any([signal, deadline.signal]),
      deadlineMs: clock.now() + limitMs,
      log,
    })
  } finally {
    finished.abort()
  }
}
