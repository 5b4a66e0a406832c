import { type ContractError, contractError, isContractError } from '@agentctl/contract'
import { redact } from './redact.ts'

const hint = 'This is a bug in agentctl: run the command again with --verbose and report what it prints.'

/** Whatever was thrown, as an error with a code: what has none becomes `internal`, and is kept as its cause. */
export function toContractError(value: unknown): ContractError {
  if (isContractError(value)) return value
  const words =
    value instanceof Error ? value.message || value.name : `Thrown, and not an error: ${text(value)}`
  return contractError('internal', redact(words), { hint, cause: value })
}

/** `String` throws on an object without a prototype. */
function text(value: unknown): string {
  return typeof value === 'object' ? Object.prototype.toString.call(value) : String(value)
}
