import type { Ownership } from '@agentctl/contract'

export interface Job {
  readonly id: string
  readonly pool: number
  readonly queuedAt: number
  state: 'queued' | 'running' | 'finished'
  /** Machines that are alive for it. */
  machines: number
  /** When the first create call for it came. */
  createdAt: number | undefined
}

export interface Machine {
  /** Counts up, so that pages have an order. */
  readonly serial: number
  readonly id: string
  readonly region: string
  readonly ownership: Ownership
  readonly unitIndex: number
  readonly createdAt: number
  /** All that a list says of it but its state, as JSON without the brackets. */
  readonly text: string
  state: 'pending' | 'running' | 'terminated'
}
