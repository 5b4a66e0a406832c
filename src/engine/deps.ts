import type { Clock, Log, Offering, Provider, Random, Unit } from '@agentctl/contract'
import type { JobSeen, Queue } from '../fleet/picture.ts'
import type { Journal } from '../journal/journal.ts'
import type { Lock } from '../journal/lock.ts'
import type { Admission } from './admission.ts'
import type { Looks } from './looks.ts'

/** What the hub can be asked. Each rejects with a contract error when the answer is not complete. */
export interface Hub {
  queue(agentType: string, signal: AbortSignal): Promise<Queue>
  /** Left out without an API token: then nobody says who is online. */
  agents?(agentType: string, signal: AbortSignal): Promise<ReadonlyMap<string, 'idle' | 'busy'>>
  /** Likewise. */
  job?(jobId: string, signal: AbortSignal): Promise<JobSeen>
  /** Likewise. */
  stopJob?(jobId: string, signal: AbortSignal): Promise<void>
}

export interface Bootstrap {
  readonly pool: string
  readonly agentType: string
  readonly units: readonly Unit[]
  /** Spot machines have a notice to watch for. */
  readonly offering: Offering
  readonly expiresAt: number
  /** When the launch was first written down: anything timed counts from here. */
  readonly intendedAt: number
}

/** All that the loop acts on. */
export interface Engine {
  readonly owner: string
  readonly runId: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly signal: AbortSignal
  readonly journal: Journal
  readonly lock: Lock
  readonly providers: ReadonlyMap<string, Provider>
  readonly admission: Admission
  readonly looks: Looks
  readonly hub: Hub
  /** The same bytes for the same launch, each time. */
  readonly userDataFor: (bootstrap: Bootstrap) => Promise<Uint8Array>
}
