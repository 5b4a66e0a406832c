import { type ContractError, contractError, isContractError } from '@agentctl/contract'
import { z } from 'zod'
import { loginHint } from './credentials.ts'
import { errorTable, type Row } from './error-table.ts'

/** As ARM writes it, in answers and in operations. */
export interface CloudFault {
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly details?: readonly CloudFault[] | undefined
}

const cloudFault: z.ZodType<CloudFault> = z.object({
  code: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  details: z
    .lazy(() => z.array(cloudFault))
    .optional()
    .catch(undefined),
})
const shape = z.object({
  name: z.string().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  statusCode: z.number().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  response: z
    .looseObject({
      bodyAsText: z.string().nullish().catch(undefined),
      headers: z.custom<{ get(name: string): string | undefined }>(value => value instanceof Object),
    })
    .optional()
    .catch(undefined),
  errorResponse: z.object({ error: z.string() }).optional().catch(undefined),
})

interface Fault {
  readonly codes: readonly string[]
  readonly status: number | undefined
  readonly text: string
  readonly retryAfterMs: number | undefined
  /** It came from the login, before there was a request. */
  readonly isLogin: boolean
}

/** Longest part of Azure's words that is kept. Unit: characters. */
const faultMax = 500

function faultOf(error: unknown): Fault {
  const { name = '', code, statusCode, message, response, errorResponse } = shape.safeParse(error).data ?? {}
  const said = bodyOf(response?.bodyAsText ?? '')
  const codes = [...codesIn(said), code, errorResponse?.error].filter(one => one !== undefined)
  const isLogin = /^(Authentication|CredentialUnavailable|AggregateAuthentication)/.test(name)
  const text = said?.message ?? message ?? String(error)
  return { codes, status: statusCode, text, retryAfterMs: retryAfterOf(response?.headers), isLogin }
}

function bodyOf(text: string): CloudFault | undefined {
  try {
    return z.object({ error: cloudFault }).safeParse(JSON.parse(text)).data?.error
  } catch {
    return undefined
  }
}

function codesIn(fault: CloudFault | undefined): readonly string[] {
  if (!fault) return []
  return [...(fault.code === undefined ? [] : [fault.code]), ...(fault.details ?? []).flatMap(codesIn)]
}

/** From the headers that ARM and its providers send; seconds, or milliseconds where the name says so. */
export function retryAfterOf(
  headers: { get(name: string): string | undefined } | undefined,
): number | undefined {
  const ms = headers?.get('retry-after-ms') ?? headers?.get('x-ms-retry-after-ms')
  if (ms !== undefined && Number.isFinite(Number(ms))) return Number(ms)
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds * 1000 : undefined
}

function fits({ codes, status, statusFrom, text }: Row, fault: Fault): boolean {
  return (
    (codes === undefined || codes.some(code => fault.codes.includes(code))) &&
    (status === undefined || status === fault.status) &&
    (statusFrom === undefined || (fault.status ?? 0) >= statusFrom) &&
    (text === undefined || text.test(fault.text))
  )
}

/** Whatever was thrown, as a contract error. `what` names the verb and the thing, such as `launch of abc`. Rule C2. */
export function toContractError(error: unknown, what: string): ContractError {
  if (isContractError(error)) return error
  const found = faultOf(error)
  const row = errorTable.find(one => fits(one, found))
  if (!row && found.isLogin) {
    const details = { hint: loginHint, fault: short(found.text), cause: bare(error) }
    return contractError('unauthenticated', `${what} failed: no token for Azure could be had`, details)
  }
  return worded(row, found, what, error)
}

/** What an operation, or a machine's own status, says of its end. */
export function errorOfOperation(fault: CloudFault, what: string): ContractError {
  const found = {
    codes: codesIn(fault),
    status: undefined,
    text: fault.message ?? '',
    retryAfterMs: undefined,
    isLogin: false,
  }
  const row = errorTable.find(one => one.codes !== undefined && fits(one, found))
  // It was accepted and has failed: nothing of the plugin's doing, and another time it may go well.
  const other: Row = { code: 'unavailable', why: 'Azure could not finish it' }
  return worded(row ?? other, { ...found, text: `${fault.code ?? ''}: ${found.text}` }, what, undefined)
}

function worded(row: Row | undefined, found: Fault, what: string, cause: unknown): ContractError {
  const fault = short(found.text)
  if (!row) return contractError('internal', `${what} failed: ${fault}`, { fault, cause })
  const { code, why, hint } = row
  const missing = /perform action '([^']+)'/.exec(found.text)?.[1]
  const named =
    missing !== undefined && code === 'permission-denied' ? `The right is ${missing}. ${hint}` : hint
  const waits = code === 'rate-limited' || code === 'unavailable' ? found.retryAfterMs : undefined
  return contractError(code, `${what} failed: ${why}`, {
    fault,
    ...(named !== undefined && { hint: named }),
    ...(waits !== undefined && { retryAfterMs: waits }),
    ...(cause !== undefined && { cause: bare(cause) }),
  })
}

function short(text: string): string {
  return text.trim().slice(0, faultMax)
}

/** The cause without its request, whose body holds the user data. */
function bare(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause
  const kept = new Error(cause.message)
  kept.name = cause.name
  if (cause.stack !== undefined) kept.stack = cause.stack
  return kept
}

/** A connection that was not made carried nothing. */
const unsent: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

/** Whether a request that failed like this may have been carried out. Rule L5. */
export function mayHaveArrived(error: unknown): boolean {
  if (isContractError(error)) return error.code === 'outcome-unknown'
  const { codes, status, isLogin } = faultOf(error)
  if (isLogin) return false
  if (status !== undefined) return status >= 500 || status === 408
  return !codes.some(code => unsent.includes(code) || code.includes('CERT') || code.includes('SIGN'))
}

export function hasCode(error: unknown, ...wanted: readonly string[]): boolean {
  return faultOf(error).codes.some(code => wanted.includes(code))
}

export function hasStatus(error: unknown, ...statuses: readonly number[]): boolean {
  const { status } = faultOf(error)
  return status !== undefined && statuses.includes(status)
}

/** With these alone Azure says that one thing, or its whole group, is not there; a 404 of another kind proves nothing. */
const absent: readonly string[] = ['ResourceNotFound', 'ResourceGroupNotFound', 'NotFound']

/** Whether Azure itself says that it is not there. */
export function isNotFound(error: unknown): boolean {
  return hasStatus(error, 404) && hasCode(error, ...absent)
}
