import { type ContractError, contractError, type ErrorCode, isContractError } from '@agentctl/contract'
import { isCloudError } from './cloud.ts'

interface Row {
  readonly code: ErrorCode
  readonly hint?: string
  /** The call may have been accepted all the same, which makes a launch `outcome-unknown` (rule L5). */
  readonly isOpen?: boolean
  readonly retryAfterMs?: number
}

/** This cloud's codes, and the reaction that each asks for. A test goes through every row. */
export const errorTable: Readonly<Record<string, Row>> = {
  BadToken: { code: 'unauthenticated', hint: 'Log in to nimbus again.' },
  Forbidden: { code: 'permission-denied', hint: 'Give the token the right to make and end machines.' },
  QuotaReached: { code: 'quota-exceeded' },
  SoldOut: { code: 'capacity-unavailable' },
  TooManyRequests: { code: 'rate-limited', retryAfterMs: 1000 },
  BadRequest: { code: 'invalid-spec' },
  NotFound: { code: 'invalid-spec' },
  Maintenance: { code: 'unavailable' },
  ConnectionLost: { code: 'unavailable', isOpen: true },
  Internal: { code: 'unavailable', isOpen: true },
}

/** Rule C2. What is in no row surely says nothing about what was accepted. */
export function toContractError(error: unknown, what: string, isLaunch = false): ContractError {
  if (isContractError(error)) return error
  if (!isCloudError(error)) return contractError('internal', `${what} failed`, { cause: error })
  const { code, isOpen, ...details }: Row = errorTable[error.cloudCode] ?? {
    code: 'unavailable',
    isOpen: true,
  }
  return contractError(isLaunch && isOpen ? 'outcome-unknown' : code, `${what} failed: ${error.message}`, {
    ...details,
    fault: error.cloudCode,
    cause: error,
  })
}
