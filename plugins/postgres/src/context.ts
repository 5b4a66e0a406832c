import type { CoordinatorDeps } from '@agentctl/contract'
import type { Address } from './address.ts'
import type { Database } from './database.ts'
import { toContractError } from './errors.ts'
import type { Attempt, WorkQueue } from './queue.ts'

/** What one open coordinator has at hand. */
export interface Context {
  readonly deps: CoordinatorDeps
  readonly address: Address
  readonly database: Database
  /** A connection of its own: a beat must not wait behind commits. */
  readonly beats: Database
  /** For what takes long. */
  readonly reads: Database
  readonly queue: WorkQueue
  /** Of this life of the host. */
  readonly life: string
  readonly state: State
}

export interface State {
  /** By name of the work. */
  readonly held: Map<string, Attempt>
  /** Calls of `take` that are under way: what they took is held, and not in `held` yet. */
  taking: number
  /** Counts ends of `take`, so that a beat knows that one ended beside it. */
  taken: number
  /** It has said that it lives. */
  isKnown: boolean
  aheadMs: number
  /** By the database's clock. */
  touchedAt: number
}

/** A silent host is dead after so long. Unit: milliseconds. */
export const silenceMsMax = 5_000

/** Whatever is thrown in it asks for a reaction. */
export async function guarded<Result>(
  { address }: Pick<Context, 'address'>,
  what: string,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    throw toContractError(error, what, address)
  }
}

/** Nobody else of the owner does the same until the transaction ends. */
export const ownersTurn = "pg_advisory_xact_lock(hashtextextended('agentctl ' || $1 || ' of ' || $2, 0))"
