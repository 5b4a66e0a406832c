import { type ContractError, contractError, isContractError } from '@agentctl/contract'
import { z } from 'zod'
import { errorTable, type Row } from './error-table.ts'

const shape = z.object({
  code: z.string().optional().catch(undefined),
  syscall: z.string().optional().catch(undefined),
  statusCode: z.number().optional().catch(undefined),
  json: z.object({ message: z.string() }).optional().catch(undefined),
  message: z.string().optional().catch(undefined),
})

/** Longest part of the engine's words that is kept. Unit: characters. */
const faultMax = 500

interface Fault {
  readonly errno: string | undefined
  readonly syscall: string | undefined
  readonly status: number | undefined
  readonly text: string
}

function faultOf(error: unknown): Fault {
  const { code, syscall, statusCode, json, message } = shape.safeParse(error).data ?? {}
  // docker-modem puts words of its own before the engine's.
  const text = json?.message ?? message?.replace(/^\(HTTP code \d+\) .*? - /, '') ?? String(error)
  return { errno: code, syscall, status: statusCode, text: text.trim() }
}

/** Whether the engine itself says that it has no such container; a 404 of something else proves nothing. */
export function isNoSuchContainer(error: unknown): boolean {
  const { status, text } = faultOf(error)
  return status === 404 && /no (such )?container/i.test(text)
}

export function isNoSuchImage(error: unknown): boolean {
  const { status, text } = faultOf(error)
  return status === 404 && /no such image|not known|no image/i.test(text)
}

/** The name is taken, or the container's state does not allow it. */
export function isConflict(error: unknown): boolean {
  return faultOf(error).status === 409
}

/** A connection that broke after it was made. */
const brokenCodes: readonly string[] = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'ABORT_ERR']
/** A request whose connection was not made was not sent. */
const unsentCalls: readonly string[] = ['connect', 'getaddrinfo']
const gatewayStatuses: readonly number[] = [502, 503, 504]

/** Whether a request that failed like this may have been carried out. Rule L5. */
export function mayHaveArrived(error: unknown): boolean {
  if (isContractError(error)) return error.code === 'outcome-unknown'
  const { errno = '', syscall = '', status } = faultOf(error)
  if (status !== undefined) return gatewayStatuses.includes(status)
  return brokenCodes.includes(errno) && !unsentCalls.includes(syscall)
}

function fits({ errno, status, text }: Row, fault: Fault): boolean {
  if (errno) return fault.status === undefined && fault.errno !== undefined && errno.includes(fault.errno)
  if (text) return text.test(fault.text)
  return status === fault.status
}

/** Whatever was thrown, as a contract error. `what` names the verb and the thing, such as `launch of abc`. Rule C2. */
export function toContractError(error: unknown, what: string): ContractError {
  if (isContractError(error)) return error
  const found = faultOf(error)
  const fault = found.text.slice(0, faultMax)
  const row = errorTable.find(one => fits(one, found))
  if (!row) return contractError('internal', `${what} failed: ${fault}`, { fault, cause: error })
  const { code, why, hint, retryAfterMs } = row
  return contractError(code, `${what} failed: ${why}`, {
    fault,
    ...(hint !== undefined && { hint }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    cause: error,
  })
}
