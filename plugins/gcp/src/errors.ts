import {
  type Bounds,
  type Clock,
  type ContractError,
  contractError,
  isContractError,
} from '@agentctl/contract'
import { errorTable, type Row } from './error-table.ts'
import { type Fault, RequestError } from './exchange.ts'

/** Longest part of Google's words that is kept. Unit: characters. */
const faultMax = 500
const minuteMs = 60_000
/** Clocks differ a little, and everybody waits for the same minute. Unit: milliseconds. */
const afterMinuteMs = 1_500

function fits({ reason, text, status }: Row, fault: Fault): boolean {
  if (reason) return fault.reasons.some(word => reason.test(word))
  if (text) return text.test(fault.message)
  return status === fault.status
}

/**
 * Whatever was thrown, as a contract error. `what` names the verb and the thing, such as `launch of abc`; `now` is in
 * milliseconds since the epoch. Rule C2.
 */
export function toContractError(error: unknown, what: string, now: number): ContractError {
  if (isContractError(error)) return error
  if (!(error instanceof RequestError)) {
    return contractError('internal', `${what} failed: ${messageOf(error)}`, { cause: error })
  }
  if (error.fault) return faultError(error.fault, what, now, error)
  return contractError('unavailable', `${what} failed: Google could not be reached`, {
    fault: error.message.slice(0, faultMax),
    hint: 'Check the network, the proxy, and CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE where it is set.',
    cause: error,
  })
}

/** {@link toContractError} for calls that go by this clock: a limit ends with the minute that it was told in. */
export function errorsBy(clock: Clock): Bounds['toError'] {
  return (error, what) => toContractError(error, what, clock.now())
}

/** A fault of Google's, of an answer or of an operation. */
export function faultError(fault: Fault, what: string, now: number, cause?: unknown): ContractError {
  const words = fault.message.slice(0, faultMax)
  const row = errorTable.find(one => fits(one, fault))
  if (!row) return contractError('internal', `${what} failed: ${words}`, { fault: words, cause })
  const { code, why, hint, retryAfterMs } = row
  const waitMs = retryAfterMs === 'next-minute' ? untilNextMinute(now) : retryAfterMs
  return contractError(code, `${what} failed: ${why}`, {
    fault: words,
    ...(hint !== undefined && { hint }),
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
    cause,
  })
}

function untilNextMinute(now: number): number {
  return minuteMs - (now % minuteMs) + afterMinuteMs
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Rule L5: a request that failed like this may have been carried out. */
export function mayHaveArrived(error: unknown): boolean {
  return error instanceof RequestError && error.mayHaveArrived
}

export function hasReason(error: unknown, ...reasons: readonly string[]): boolean {
  return error instanceof RequestError && (error.fault?.reasons ?? []).some(word => reasons.includes(word))
}

/** Whether Google itself says that it is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof RequestError && error.fault?.status === 404
}

/** Whether Google does not let these credentials see it, or do it. */
export function isForbidden(error: unknown): boolean {
  return error instanceof RequestError && error.fault?.status === 403
}

/** Whether it was changed since it was read. */
export function isStale(error: unknown): boolean {
  return error instanceof RequestError && error.fault?.status === 412
}
