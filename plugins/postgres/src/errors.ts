import { type ContractError, contractError, isContractError } from '@agentctl/contract'
import type { Address } from './address.ts'
import { errorTable, type Row } from './error-table.ts'

/** Longest part of the database's words that is kept. Unit: characters. */
const faultMax = 500

interface Fault {
  /** SQLSTATE or Node's code; empty when there is none. */
  readonly code: string
  readonly text: string
}

/** Of several addresses of one name Node tried each: the first one's error speaks for all. */
function faultOf(error: unknown): Fault {
  if (error instanceof AggregateError && error.errors.length > 0) return faultOf(error.errors[0])
  const { code, message } = error instanceof Object ? (error as { code?: unknown; message?: unknown }) : {}
  return {
    code: typeof code === 'string' ? code : '',
    text: typeof message === 'string' ? message : String(error),
  }
}

/** The SQLSTATE or Node's code of what was thrown; empty when it has none. */
export function codeOf(error: unknown): string {
  return faultOf(error).code
}

function fits({ codes, text }: Row, { code, text: words }: Fault): boolean {
  if (codes) return codes.includes(code) || (code.length === 5 && codes.includes(code.slice(0, 2)))
  return text?.test(words) ?? false
}

/** Whatever was thrown, as a contract error without a secret. `what` names what was done, such as `commit of linux`. */
export function toContractError(error: unknown, what: string, address: Address): ContractError {
  if (isContractError(error)) return error
  const { code, text } = faultOf(error)
  const fault = redacted(text, address).slice(0, faultMax)
  const row = errorTable.find(one => fits(one, { code, text }))
  // The driver hangs its client, with the password, on what it throws: what is kept is a bare copy.
  const cause = Object.assign(new Error(fault), code ? { code } : {})
  if (!row) return contractError('internal', `${what} failed at ${address.place}: ${fault}`, { fault, cause })
  const { hint } = row
  return contractError(row.code, `${what} failed at ${address.place}: ${row.why}`, {
    fault,
    ...(hint !== undefined && { hint }),
    cause,
  })
}

function redacted(text: string, { secrets }: Address): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text)
}
