import { type ContractError, contractError, type ErrorCode, isContractError } from '@agentctl/contract'
import { isSimFault, type SimCode } from './sim-fault.ts'

interface Row {
  readonly code: ErrorCode
  /** What it is for a launch whose request had left, where that differs. */
  readonly forSentLaunch?: ErrorCode
  readonly hint?: string
}

/** The simulated cloud's codes, and the reaction that each asks for. */
export const rows: Readonly<Record<SimCode, Row>> = {
  AccessDenied: { code: 'permission-denied', hint: 'take the fault access-denied off the simulated cloud' },
  Aborted: { code: 'cancelled', forSentLaunch: 'outcome-unknown' },
  BadCredentials: { code: 'unauthenticated', hint: 'take the fault bad-credentials off the simulated cloud' },
  ConnectionLost: { code: 'unavailable', forSentLaunch: 'outcome-unknown' },
  InUse: { code: 'unavailable' },
  NameTaken: { code: 'conflict' },
  NotFound: { code: 'unavailable' },
  NotOwned: { code: 'not-owned' },
  QuotaExceeded: { code: 'quota-exceeded' },
  ServerError: { code: 'unavailable' },
  StockOut: { code: 'capacity-unavailable' },
  Throttled: { code: 'rate-limited' },
  TimedOut: { code: 'unavailable', forSentLaunch: 'outcome-unknown' },
  TokenMismatch: { code: 'conflict' },
  TokenSpent: { code: 'launch-spent' },
}

/** `what` names the call and its subject, such as `sim: launch abc`. */
export function toContractError(what: string, thrown: unknown, isLaunch = false): ContractError {
  if (isContractError(thrown)) return thrown
  if (!isSimFault(thrown)) return contractError('internal', `${what}: ${String(thrown)}`, { cause: thrown })
  const { simCode, isSent, retryAfterMs, message } = thrown
  const { code, forSentLaunch, hint } = rows[simCode]
  return contractError(isLaunch && isSent ? (forSentLaunch ?? code) : code, `${what}: ${message}`, {
    fault: simCode,
    cause: thrown,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(hint !== undefined && { hint }),
  })
}
