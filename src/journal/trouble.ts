import { type ContractError, contractError, type ErrorCode, isContractError } from '@agentctl/contract'
import { messageOf } from '../errors/message.ts'

interface Trouble {
  readonly code: ErrorCode
  readonly hint: string
}

const goesOn = 'What runs goes on, each to its own deadline, and the next command takes it up.'
const full: Trouble = { code: 'unavailable', hint: `Free some space on its disk. ${goesOn}` }
const closed: Trouble = {
  code: 'unavailable',
  hint: `See whether its folder may be written, and how many files may be open (ulimit -n). ${goesOn}`,
}
const busy: Trouble = {
  code: 'unavailable',
  hint: 'Another command keeps it busy; try again in a minute. What does so for longer may be suspended: fuser names it.',
}
const broken: Trouble = {
  code: 'internal',
  hint: 'Move the file away to start without it: what runs is found again by its tags.',
}

/** By SQLite's primary result code, and by the system's own. Source: sqlite.org, "Result and Error Codes", 2026-11. */
const troubles: Readonly<Record<string, Trouble>> = {
  5: busy,
  8: closed,
  10: full,
  11: broken,
  13: full,
  14: closed,
  26: broken,
  ENOSPC: full,
  EDQUOT: full,
  EROFS: closed,
  EACCES: closed,
  EMFILE: closed,
  ENFILE: closed,
}

/** Why a file of ours cannot be used, with what to do; undefined for an error that is not of the file. */
export function troubleWith(file: string, cause: unknown): ContractError | undefined {
  const { errcode, code } = cause as { readonly errcode?: unknown; readonly code?: unknown }
  const trouble = troubles[errcode === undefined ? String(code) : String(Number(errcode) % 256)]
  if (!trouble || isContractError(cause)) return undefined
  return contractError(trouble.code, `Cannot use ${file}: ${messageOf(cause)}`, { cause, hint: trouble.hint })
}

/** The same methods, whose errors say what is wrong with the file. */
export function tellingTroubles<T extends object>(file: string, methods: T): T {
  const telling = Object.entries(methods).map(([name, method]) => {
    const told = (...args: readonly unknown[]) => {
      try {
        return method(...args)
      } catch (cause) {
        throw troubleWith(file, cause) ?? cause
      }
    }
    return [name, told] as const
  })
  return Object.fromEntries(telling) as T
}
