import type { Clock, Instance, Log, ProviderDeps, Random } from '@agentctl/contract'
import type { ComputeClient } from './client.ts'
import type { Credentials } from './credentials.ts'
import type { Settings } from './settings.ts'

/** Everything the verbs need, made once by `open`. */
export interface Context {
  readonly owner: string
  readonly settings: Settings
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly env: ProviderDeps['env']
  readonly credentials: Credentials
  /** Clients are kept by project. */
  readonly compute: (project: string) => ComputeClient
  /** Deletes that were accepted, by resource id: the name of the operation. */
  readonly deletes: Map<string, string>
  /** Spot machines that were listed, by id: one that is missing later may have been taken back. */
  readonly spotSeen: Map<string, Instance>
  /** Those that were: shown as ended for a while. */
  readonly reclaimed: Map<string, { readonly instance: Instance; readonly untilMs: number }>
}
