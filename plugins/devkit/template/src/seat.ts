import type { Clock } from '@agentctl/contract'
import type { Cloud } from './cloud.ts'

/** One owner at the cloud. */
export interface Seat {
  readonly cloud: Cloud
  readonly owner: string
  readonly clock: Clock
}
