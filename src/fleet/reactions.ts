import { type ContractError, type ErrorCode, isContractError } from '@agentctl/contract'
import { messageOf } from '../errors/message.ts'

/**
 * What a refused launch leads to. `repeat`: the same id again. `elsewhere`: the offering is out of stock.
 * `pause`: the pool waits for a free slot. `next-attempt`: this id is spent, and the lists say when its machines are
 * gone. `look`: another request stands under this id, and the lists say whether its machines live.
 * `stop`: no launch can succeed before a person has done something.
 */
export type Reaction = 'repeat' | 'elsewhere' | 'pause' | 'next-attempt' | 'look' | 'stop'

const reactions: Readonly<Record<ErrorCode, Reaction>> = {
  'invalid-spec': 'stop',
  unsupported: 'stop',
  'provider-not-installed': 'stop',
  unauthenticated: 'stop',
  'permission-denied': 'stop',
  'quota-exceeded': 'pause',
  'capacity-unavailable': 'elsewhere',
  'rate-limited': 'repeat',
  unavailable: 'repeat',
  'outcome-unknown': 'repeat',
  'launch-spent': 'next-attempt',
  conflict: 'look',
  'boot-failed': 'next-attempt',
  'agent-timeout': 'next-attempt',
  'cleanup-incomplete': 'stop',
  'not-owned': 'stop',
  internal: 'stop',
  cancelled: 'repeat',
}

export interface Refusal {
  readonly reaction: Reaction
  readonly code: ErrorCode
  readonly message: string
  readonly retryAfterMs: number | undefined
  readonly error: ContractError | undefined
}

/** A thrown value that is no contract error says nothing about what the cloud did: the outcome is unknown. */
export function refusalOf(thrown: unknown): Refusal {
  const error = isContractError(thrown) ? thrown : undefined
  const code = error?.code ?? 'outcome-unknown'
  return {
    reaction: reactions[code],
    code,
    message: messageOf(thrown),
    retryAfterMs: error?.retryAfterMs,
    error,
  }
}

/** After these nobody knows whether the cloud took the call, or something of ours stands under its id. */
const doubtful: readonly ErrorCode[] = ['outcome-unknown', 'cancelled', 'conflict']

/** The cloud did not take this very call; it says nothing of those before it. */
export function isSurelyRefused(code: ErrorCode): boolean {
  return !doubtful.includes(code)
}

/** Calling again with the same id makes sense. */
export function isWorthRepeating(code: ErrorCode): boolean {
  return reactions[code] === 'repeat'
}
