import type { Clock, Log, Random } from '@agentctl/contract'
import type { Loaded, Settings } from '../config/index.ts'
import { readQueue } from '../demand/hub.ts'
import { systemClock } from '../effects/clock.ts'
import { env, host, isAlive, pid } from '../effects/process.ts'
import { systemRandom } from '../effects/random.ts'
import type { Admission } from '../engine/admission.ts'
import type { CallSeen } from '../engine/calls.ts'
import type { Looks } from '../engine/looks.ts'
import { openJournal } from '../journal/journal.ts'
import { openLock } from '../journal/lock.ts'
import { readAgents } from '../presence/hub.ts'
import { readJob, stopJob } from '../presence/job.ts'
import { loadCoordinator } from '../providers/coordinators.ts'
import { loadProvider } from '../providers/load.ts'
import type { PluginFacts } from '../providers/registry.ts'

export type { CallSeen }

/** What an operation gets from the command that calls it. */
export interface Context {
  readonly settings: Settings
  /** Where a person wrote a key such as `pools.linux.spec.types[0]`. */
  readonly locate: Loaded['locate']
  /** The file that the settings came from. */
  readonly configFile?: string
  readonly plugins: readonly PluginFacts[]
  /** Of agentctl. */
  readonly version: string
  readonly log: Log
  /** Aborted when the command has to leave at once. */
  readonly signal: AbortSignal
  readonly effects: Effects
  /** Told of each call of a cloud, once it has ended. */
  readonly onCall?: (call: CallSeen) => void
  /** Where it is one of several works of a host; left out where a command acts alone. */
  readonly shared?: Shared
}

/** What the works of a host have in common, and what is done for all of them elsewhere. */
export interface Shared {
  readonly admission: Admission
  readonly looks: Looks
  /** Of the machines over all pools, those that this work may have, which needs so many. */
  readonly maxAlive: (needed: number) => Promise<number>
}

/** The world outside, so that a test can bring its own. */
export interface Effects {
  readonly clock: Clock
  readonly random: Random
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** Of this host, as the system says it. */
  readonly hostName: string
  readonly pid: number
  readonly isAlive: (pid: number) => boolean
  /** Imports a plugin. */
  readonly loadProvider: typeof loadProvider
  readonly loadCoordinator: typeof loadCoordinator
  readonly openJournal: typeof openJournal
  readonly openLock: typeof openLock
  readonly readQueue: typeof readQueue
  readonly readAgents: typeof readAgents
  readonly readJob: typeof readJob
  readonly stopJob: typeof stopJob
}

export function systemEffects(): Effects {
  const { home, name } = host()
  return {
    clock: systemClock,
    random: systemRandom,
    env,
    home,
    hostName: name,
    pid,
    isAlive,
    loadProvider,
    loadCoordinator,
    openJournal,
    openLock,
    readQueue,
    readAgents,
    readJob,
    stopJob,
  }
}
