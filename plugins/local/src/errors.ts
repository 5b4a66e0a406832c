import { type ContractError, contractError, type ErrorCode, isContractError } from '@agentctl/contract'
import { codeOf } from './files.ts'

interface Row {
  readonly code: ErrorCode
  readonly why: string
  readonly hint: string
}

const diskFull: Row = {
  code: 'capacity-unavailable',
  why: 'the disk with the state folder is full',
  hint: 'Free some space there, or name a folder on another disk in AGENTCTL_LOCAL_DIR.',
}
const denied: Row = {
  code: 'permission-denied',
  why: 'the state folder, or something in it, may not be read or written by this user',
  hint: 'Give this user the folder, or name another one in AGENTCTL_LOCAL_DIR.',
}
const exhausted: Row = {
  code: 'capacity-unavailable',
  why: 'this machine has no room for one more process or open file',
  hint: 'Run fewer instances at once (max), or raise the limits on processes, open files and memory.',
}

/** What the system's error numbers ask for; a number without a row is `internal`. */
export const errorTable: Readonly<Record<string, Row>> = {
  ENOSPC: diskFull,
  EDQUOT: diskFull,
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
  EAGAIN: exhausted,
  EMFILE: exhausted,
  ENFILE: exhausted,
  ENOMEM: exhausted,
}

/** Whatever was thrown, as a contract error. `what` names the verb and the thing, such as `launch of abc`. Rule C2. */
export function toContractError(error: unknown, what: string): ContractError {
  if (isContractError(error)) return error
  const row = errorTable[codeOf(error) ?? '']
  // The message holds a path and an error number, and nothing of what the files contain.
  const fault = error instanceof Error ? error.message : String(error)
  if (!row) return contractError('internal', `${what} failed: ${fault}`, { fault, cause: error })
  return contractError(row.code, `${what} failed: ${row.why}`, { hint: row.hint, fault, cause: error })
}
