import type { StoredRecord, Work } from '@agentctl/contract'

export interface LifeState {
  readonly id: number
  readonly host: string
  readonly version: string
  startedAt: number
  /** Undefined before its first beat. */
  seenAt?: number
  machines: number
  aheadMs: number
}

/** A work in somebody's hands. Whoever shows another token holds it no more. */
export interface Hold {
  readonly token: number
  readonly life: number
  readonly work: Work
}

export interface Offered {
  readonly work: Work
  readonly namedAt: number
  readonly notBefore: number
}

/** What one owner has. */
export interface OwnerState {
  readonly lives: Map<number, LifeState>
  readonly drained: Set<string>
  readonly works: Map<string, Offered>
  readonly holds: Map<string, Hold>
  readonly records: Map<string, StoredRecord>
  readonly grants: Map<string, number>
}

export interface BucketState {
  readonly tokens: number
  readonly at: number
}

export interface CoordinatorState {
  readonly owners: Map<string, OwnerState>
  readonly buckets: Map<string, BucketState>
  /** Of lives and tokens. */
  sequence: number
}

export function emptyCoordinator(): CoordinatorState {
  return { owners: new Map(), buckets: new Map(), sequence: 0 }
}

export function ownerIn({ owners }: CoordinatorState, owner: string): OwnerState {
  const found = owners.get(owner) ?? {
    lives: new Map(),
    drained: new Set(),
    works: new Map(),
    holds: new Map(),
    records: new Map(),
    grants: new Map(),
  }
  owners.set(owner, found)
  return found
}

export function nextNumber(state: CoordinatorState): number {
  state.sequence += 1
  return state.sequence
}
