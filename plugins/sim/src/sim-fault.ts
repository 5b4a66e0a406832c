/** The simulated cloud's own error codes, as its API answers them. */
export type SimCode =
  | 'AccessDenied'
  | 'Aborted'
  | 'BadCredentials'
  | 'ConnectionLost'
  | 'InUse'
  | 'NameTaken'
  | 'NotFound'
  | 'NotOwned'
  | 'QuotaExceeded'
  | 'ServerError'
  | 'StockOut'
  | 'Throttled'
  | 'TimedOut'
  | 'TokenMismatch'
  | 'TokenSpent'

export interface SimFault extends Error {
  readonly simCode: SimCode
  /** The request had left this host, so that it may have been accepted. */
  readonly isSent: boolean
  readonly retryAfterMs?: number
}

export function simFault(
  simCode: SimCode,
  message: string,
  details: { readonly isSent?: boolean; readonly retryAfterMs?: number } = {},
): SimFault {
  return Object.assign(new Error(message), { isSent: true, ...details, simCode })
}

export function isSimFault(value: unknown): value is SimFault {
  return value instanceof Error && 'simCode' in value
}
