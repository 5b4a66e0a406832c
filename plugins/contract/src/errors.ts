/**
 * Every code names the reaction of whoever catches it; a code that asks for no reaction of its own is a message.
 * The README has the table of reactions.
 */
export const errorCodes = [
  'invalid-spec',
  'unsupported',
  'provider-not-installed',
  'unauthenticated',
  'permission-denied',
  'quota-exceeded',
  'capacity-unavailable',
  'rate-limited',
  'unavailable',
  'outcome-unknown',
  'launch-spent',
  'conflict',
  'boot-failed',
  'agent-timeout',
  'cleanup-incomplete',
  'not-owned',
  'internal',
  'cancelled',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** One thing that is wrong with a spec or a configuration; `path` is the key, such as `spec.types[0]`. */
export interface Problem {
  readonly path: string
  readonly message: string
}

export interface ErrorDetails {
  /** What to do next, a sentence for a person. */
  readonly hint?: string
  /** For `rate-limited`: when the same call may be made again. Unit: milliseconds from now. */
  readonly retryAfterMs?: number
  /** The cloud's own words. */
  readonly fault?: string
  readonly problems?: readonly Problem[]
  /** What was there before; kept out of what is printed as JSON. */
  readonly cause?: unknown
}

const mark: unique symbol = Symbol.for('agentctl.contract-error') as never

/** Recognised by its mark, never by its class: two copies of this package must understand each other. */
export interface ContractError extends Error {
  readonly [mark]: true
  readonly code: ErrorCode
  readonly hint?: string
  readonly retryAfterMs?: number
  readonly fault?: string
  readonly problems?: readonly Problem[]
}

/** An error that says which reaction it asks for. `message` names what failed, and on what. */
export function contractError(code: ErrorCode, message: string, details: ErrorDetails = {}): ContractError {
  const { cause, ...shown } = details
  const error = new Error(message, cause === undefined ? undefined : { cause })
  error.name = 'ContractError'
  return Object.assign(error, shown, { [mark]: true as const, code })
}

export function isContractError(value: unknown): value is ContractError {
  return value instanceof Object && (value as Partial<ContractError>)[mark] === true
}

export function hasCode<Code extends ErrorCode>(
  value: unknown,
  ...codes: readonly Code[]
): value is ContractError & { code: Code } {
  return isContractError(value) && (codes as readonly ErrorCode[]).includes(value.code)
}
