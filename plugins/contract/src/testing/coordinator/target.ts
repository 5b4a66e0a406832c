import type { Coordinator } from '../../coordinator.ts'
import type { Clock } from '../../effects.ts'

type Done = Promise<void> | void

/** All that the conformance kit needs to know about a coordinator, or the stand-in for one. */
export interface CoordinatorTarget {
  readonly name: string
  /**
   * Another life of a host each time, on the same coordinator. `owner` is `[a-z][a-z0-9-]{0,30}`, `clock` is the host's
   * own, which may be wrong.
   */
  open(owner: string, host: string, clock: Clock): Promise<Coordinator>
  /** The true time: real, or virtual together with {@link drive}. */
  readonly clock: Clock
  /** Moves virtual time until the task has ended; left out with a real clock. */
  drive?<T>(task: Promise<T>): Promise<T>
  /** Cuts one life of a host off, and lets it through again. What a target cannot do is left out. */
  readonly network?: {
    cut(life: Coordinator): Done
    mend(life: Coordinator): Done
  }
  /** From the last beat of a host to when another one has its works. Unit: milliseconds. @default 15_000 */
  readonly silentWithinMs?: number
  /** What a call or two may take, under the load of this machine. Unit: milliseconds. @default 1000 */
  readonly slackMs?: number
  /** Real time that a whole case may take. Unit: milliseconds. @default 120_000 */
  readonly caseTimeoutMs?: number
}
