import { type ContractError, contractError, isContractError } from '@agentctl/contract'
import { errorTable } from './error-table.ts'

/** Longest part of AWS's words that is kept. Unit: characters. */
const faultMax = 500

/** As much of an error of the SDK as is looked at. The code stands in `name`. */
interface AwsError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
  readonly code?: string
}

/**
 * Whatever was thrown, as a contract error. `what` names the verb and the thing, such as `launch of abc`. Rule C2.
 */
export function toContractError(error: unknown, what: string): ContractError {
  if (isContractError(error)) return error
  if (!(error instanceof Error)) return contractError('internal', `${what} failed`, { cause: error })
  const { name, message } = error as AwsError
  const fault = `${name}: ${withoutEncoded(message)}`.slice(0, faultMax)
  const row = errorTable.find(one => one.name.test(name))
  if (row) {
    const retryAfterMs = retryAfterOf(error) ?? row.retryAfterMs
    return contractError(row.code, `${what} failed: ${row.why}`, {
      fault,
      ...(row.hint !== undefined && { hint: withRight(row.hint, message) }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      cause: error,
    })
  }
  const status = statusOf(error)
  if (status === undefined || status >= 500) {
    return contractError('unavailable', `${what} failed: AWS could not be reached, or did not answer well`, {
      fault,
      hint: 'Check the network, the proxy, the region, and AWS_ENDPOINT_URL where it is set.',
      cause: error,
    })
  }
  return contractError('internal', `${what} failed: ${fault}`, { fault, cause: error })
}

/** AWS says which right it missed; the hint says so first. */
function withRight(hint: string, message: string): string {
  const right = rightIn(message)
  return right === undefined ? hint : `Allow ${right}. ${hint}`
}

/** The right that AWS says it missed, such as `iam:PassRole`. Pure. */
export function rightIn(message: string): string | undefined {
  return /not authorized to perform:? ([a-z0-9-]+:\w+)/i.exec(message)?.[1]
}

/** The encoded message of a refusal tells of policies, is long, and says nothing to a reader. */
function withoutEncoded(message: string): string {
  return message.replace(/\s*Encoded authorization failure message:.*$/s, '')
}

function retryAfterOf(error: Error): number | undefined {
  const seconds = Number((error as AwsError).$response?.headers?.['retry-after'])
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined
}

function statusOf(error: Error): number | undefined {
  return (error as AwsError).$metadata?.httpStatusCode
}

const neverLeft = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

/** Rule L5: a request that failed like this may have been carried out. */
export function mayHaveArrived(error: unknown): boolean {
  if (isContractError(error) || !(error instanceof Error)) return false
  if (errorTable.some(row => row.name.test(error.name))) return false
  const status = statusOf(error)
  if (status !== undefined) return status >= 500
  const isUnsent =
    neverLeft.includes((error as AwsError).code ?? '') ||
    /without establishing a connection/.test(error.message)
  return !isUnsent
}

export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name)
}

/** Ids that EC2 does not know, or not yet. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && /\.(NotFound|Malformed)$/.test(error.name)
}
