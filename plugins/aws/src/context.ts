import type { Clock, Log, ProviderDeps } from '@agentctl/contract'
import type { Endings } from './endings.ts'
import type { AwsClients } from './sdk.ts'
import type { Settings } from './settings.ts'

/** Everything the verbs need, made once by `open`. */
export interface Context {
  readonly owner: string
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
  readonly env: ProviderDeps['env']
  readonly clients: AwsClients
  /** When this process launched an instance, by id: within `settleMs` "not found" says nothing. Unit: milliseconds. */
  readonly launchedAt: Map<string, number>
  /** Terminates on their way, by region. */
  readonly endings: Map<string, Endings>
}
