import type { Clock, Instance, Log, ProviderDeps } from '@agentctl/contract'
import type { Arm } from './arm.ts'
import type { Pace } from './pace.ts'
import type { Leftovers } from './parts.ts'
import type { Settings } from './settings.ts'

/** Everything the verbs need, made once by `open`. */
export interface Context {
  readonly owner: string
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
  readonly env: ProviderDeps['env']
  /** The API of a subscription; opened at the first call. */
  arm(subscription: string): Promise<Arm>
  readonly pace: Pace
  /** What is left of machines, one look at a time for each group. */
  readonly leftovers: Leftovers
  /** Offerings whose machines were seen to fail for lack of hosts, and until when they are not tried. Unit: milliseconds. */
  readonly stockOuts: Map<string, number>
  /** Spot machines that were seen running, by id: one that is missing without our doing was taken back. */
  readonly spotSeen: Map<string, Instance>
  readonly reclaimed: Map<string, { readonly instance: Instance; readonly untilMs: number }>
  /** Machines whose end this process has asked for, and when. Unit: milliseconds. */
  readonly deletes: Map<string, number>
}
