import type { Clock } from '@agentctl/contract'
import type { Buckets } from './buckets.ts'
import type { FaultKind, Knobs, Operation } from './knobs.ts'
import type { Ledger } from './ledger.ts'
import type { Dice } from './random.ts'
import type { SimResource, SimState } from './state.ts'
import type { Traits } from './traits.ts'

/** A fault that the next `times` matching calls meet for sure. */
export interface Injection {
  readonly operation: Operation | 'any'
  readonly fault: FaultKind
  times: number
  /** For `short`: how many instances come. */
  readonly count?: number
}

/**
 * Where a crash test may stop a process: before a request leaves, when the cloud has done it, when the answer is here.
 * A hook that never resolves is a process that died there.
 */
export type Boundary = 'before-send' | 'accepted' | 'answered'

export type AtBoundary = (boundary: Boundary, operation: Operation) => Promise<void> | void

export interface Hooks {
  /** An instance has booted: its guest starts. */
  booted?(instance: SimResource): void
  /** An instance has stopped running, however that came. */
  stopped?(instance: SimResource): void
}

/** Everything that the parts of the simulated cloud share. */
export interface World {
  readonly clock: Clock
  readonly traits: Traits
  readonly dice: Dice
  readonly ledger: Ledger
  readonly hooks: Hooks
  readonly injections: Injection[]
  readonly buckets: Buckets
  knobs: Knobs
  state: SimState
  /** When what is long gone was forgotten last. */
  prunedAt: number
  /** Guests' user data by launch; not part of the state, because it holds secrets. */
  readonly userData: Map<string, Uint8Array>
  /** Wakes the cloud at that time of the host's clock; left out where it only wakes when it is asked something. */
  readonly wakeAt?: (atMs: number) => void
  /** Runs `change` on the state as it is now, on its own. */
  transact<T>(change: () => T, world: World): Promise<T>
}

/** The cloud's own time. */
export function cloudNow({ clock, knobs }: World): number {
  return clock.now() + knobs.skewMs
}
