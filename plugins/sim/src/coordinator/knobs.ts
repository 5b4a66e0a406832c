import type { Range } from '../random.ts'

/** What a host can ask of a coordinator, its tenures included. */
export type CoordinatorCall =
  | 'open'
  | 'offer'
  | 'beat'
  | 'take'
  | 'admit'
  | 'throttled'
  | 'hosts'
  | 'drain'
  | 'history'
  | 'load'
  | 'recall'
  | 'commit'
  | 'forget'
  | 'grant'
  | 'release'

/**
 * What can go wrong with one call, which then throws `unavailable`, unless it is slow within its bound.
 * `refused`: nothing was done. `reply-lost`: it was done. `late`: it is done after `lateMs`, unless the work is lost by
 * then; only of `commit`. `slow`: done, and answered after `slowMs`, if that is within `boundMs`.
 */
export type CoordinatorFault = 'refused' | 'reply-lost' | 'late' | 'slow'

/** How the coordinator behaves; all of it can be turned while it runs. Chances are in [0, 1], of every call. */
export interface CoordinatorKnobs {
  readonly chances: { readonly [fault in CoordinatorFault]?: number }
  readonly latencyMs: Range
  readonly slowMs: Range
  readonly lateMs: Range
  /** A call without an answer throws after so long. Unit: milliseconds. */
  readonly boundMs: number
  /** A host that has not beaten for so long loses its works to whoever takes them. Unit: milliseconds. */
  readonly silentMs: number
}

export const calmCoordinator: CoordinatorKnobs = {
  chances: {},
  latencyMs: [1, 5],
  slowMs: [500, 15_000],
  lateMs: [100, 20_000],
  boundMs: 10_000,
  silentMs: 8000,
}
