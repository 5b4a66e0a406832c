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
  hint: 'Free some space there, or name a folder on another disk in AGENTCTL_QEMU_DIR.',
}
const denied: Row = {
  code: 'permission-denied',
  why: 'the state folder, or something in it, may not be read or written by this user',
  hint: 'Give this user the folder, or name another one in AGENTCTL_QEMU_DIR.',
}
const exhausted: Row = {
  code: 'capacity-unavailable',
  why: 'this machine has no room for one more process or open file',
  hint: 'Run fewer instances at once (max), or raise the limits on processes, open files and memory.',
}

/** What the system's error numbers and our own words ask for; what has no row is `internal`. */
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
  'no-qemu-x86_64': {
    code: 'unsupported',
    why: 'qemu-system-x86_64 is not in PATH',
    hint: 'Install QEMU: on Debian and Ubuntu, apt-get install qemu-system-x86 qemu-utils.',
  },
  'no-qemu-aarch64': {
    code: 'unsupported',
    why: 'qemu-system-aarch64 is not in PATH',
    hint: 'Install QEMU: on Debian and Ubuntu, apt-get install qemu-system-arm qemu-utils.',
  },
  'no-qemu-img': {
    code: 'unsupported',
    why: 'qemu-img is not in PATH',
    hint: 'Install it: on Debian and Ubuntu, apt-get install qemu-utils.',
  },
  'image-missing': {
    code: 'invalid-spec',
    why: 'the base image is not there, or this user may not read it',
    hint: 'Give the path of a qcow2 or raw image on this host in the spec’s image.',
  },
  'image-damaged': {
    code: 'invalid-spec',
    why: 'the base image is not one that QEMU can read',
    hint: 'Look at it with qemu-img info and qemu-img check.',
  },
  'image-in-use': {
    code: 'unavailable',
    why: 'somebody has the base image open for writing',
    hint: 'End the machine or the qemu-img that writes to it.',
  },
}

/** What `qemu-img` says on its standard error, the first match of which names a row. */
const imageWords: readonly (readonly [RegExp, string])[] = [
  [/No space left on device/, 'ENOSPC'],
  [/Disk quota exceeded/, 'EDQUOT'],
  [/lock/, 'image-in-use'],
  [/No such file or directory|Permission denied/, 'image-missing'],
  [/not in .* format|Could not open backing|Image is corrupt|Unsupported/i, 'image-damaged'],
]

/** An error that {@link errorTable} knows; `fault` is what the system or QEMU said. */
export function tableError(key: string, fault: string): Error {
  return Object.assign(new Error(fault), { code: key })
}

/** Pure. What a `qemu-img` that failed has to say. */
export function imageError(said: string): Error {
  const [, key] = imageWords.find(([words]) => words.test(said)) ?? []
  const fault = said.trim() || 'qemu-img was ended'
  return key === undefined ? new Error(fault) : tableError(key, fault)
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
