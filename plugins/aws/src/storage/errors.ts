import { type ContractError, contractError, isContractError } from '@agentctl/contract'
import { z } from 'zod'
import { errorTable } from './error-table.ts'

/** Longest part of the cloud's words that is kept. Unit: characters. */
const faultMax = 500

const shape = z.object({
  name: z.string().catch('Error'),
  code: z.string().optional().catch(undefined),
  message: z.string().catch(''),
  $metadata: z.object({ httpStatusCode: z.number().optional() }).optional().catch(undefined),
})

interface Fault {
  readonly names: readonly string[]
  readonly status: number | undefined
  readonly message: string
}

function faultOf(error: unknown): Fault {
  const { name, code, message, $metadata } = shape.safeParse(error).data ?? {
    name: '',
    message: String(error),
  }
  return { names: [name, ...(code === undefined ? [] : [code])], status: $metadata?.httpStatusCode, message }
}

/** Whether the cloud called it so. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return faultOf(error).names.some(name => names.includes(name))
}

export function statusOf(error: unknown): number | undefined {
  return faultOf(error).status
}

export interface Asked {
  /** Names the verb and the thing, such as `reading the tags of acme-cache`. */
  readonly what: string
  /** The right that the call takes, such as `s3:GetBucketTagging`. */
  readonly right: string
  /** A right that no launch needs: the policy that is printed for the controller does not have it. */
  readonly isApart?: boolean
  readonly signal?: AbortSignal
}

/** The call's answer, or what was thrown as a contract error; a right that is missing is named. Rule C2. */
export async function ask<T>({ what, right, isApart, signal }: Asked, send: () => Promise<T>): Promise<T> {
  if (signal?.aborted)
    throw contractError('cancelled', `${sentence(what)} was cancelled`, { cause: signal.reason })
  try {
    return await send()
  } catch (error) {
    if (signal?.aborted) throw contractError('cancelled', `${sentence(what)} was cancelled`, { cause: error })
    throw toContractError(error, what, right, isApart)
  }
}

export function toContractError(
  error: unknown,
  asked: string,
  right: string,
  isApart = false,
): ContractError {
  if (isContractError(error)) return error
  const what = sentence(asked)
  const { names, status, message } = faultOf(error)
  const row = errorTable.find(one => one.names?.some(name => names.includes(name)) ?? one.status === status)
  const fault = message.slice(0, faultMax)
  if (!row) {
    const words = [names[0], fault].filter(Boolean).join(': ')
    return contractError(status === undefined ? 'internal' : 'unavailable', `${what} failed: ${words}`, {
      fault,
      cause: error,
    })
  }
  const hint = row.code === 'permission-denied' ? rightHint(message, right, isApart) : row.hint
  return contractError(row.code, `${what} failed: ${row.why}`, { fault, ...(hint && { hint }), cause: error })
}

/** IAM says which right it missed, also where that is one behind the call's own, such as a key's. */
function rightHint(message: string, right: string, isApart: boolean): string {
  const said = /not authorized to perform:? ([a-z0-9-]+:\w+)/i.exec(message)?.[1]
  if (isApart)
    return `Allow ${said ?? right} to whoever runs this command; what launches machines does not need it.`
  return `Allow ${said ?? right}. agentctl providers policy aws prints all that is needed.`
}

function sentence(what: string): string {
  return what.charAt(0).toUpperCase() + what.slice(1)
}
