import type { ResourceState } from '@agentctl/contract'
import type { EndedRecord, EndReason } from './records.ts'

/** An instance that nobody started within this time never will be. Unit: milliseconds. */
const startTimeoutMs = 60_000

/** The same where whoever made it is no more: only a guest host that is on its way can start it. Unit: milliseconds. */
const bereftTimeoutMs = 3_000

/** `elsewhere`: the guest host runs on another machine that shares the state folder, so nothing is known of it. */
export type HostState = 'none' | 'alive' | 'dead' | 'elsewhere'

/** What disk and kernel say of one unit. */
export interface Facts {
  readonly host: HostState
  readonly ended?: EndedRecord
  /** User data is there still, so it can be started. */
  readonly isStartable: boolean
  /** The process that made it has ended, so it will not start it. */
  readonly isBereft: boolean
  /** Unit: milliseconds since the epoch. */
  readonly createdAt: number
  /** When a stop was asked for; 0 when never. Unit: milliseconds since the epoch. */
  readonly stopAskedAt: number
}

export interface Verdict {
  readonly state: ResourceState
  readonly fault?: string
}

const endWords: Readonly<Record<EndReason, string>> = {
  exited: 'powered off by itself',
  asked: 'stopped when asked to',
  expired: 'ended at its deadline',
  'not-started': 'its script could not be started',
  'host-failed': 'its guest host failed',
}

/** Pure. */
export function judge(facts: Facts, now: number): Verdict {
  const { host, ended } = facts
  // The guest host exits right after it has written its end; until then something of the instance is left.
  if (ended) return { state: host === 'alive' ? 'stopping' : 'stopped', fault: endFault(ended) }
  if (host === 'elsewhere')
    return { state: 'unknown', fault: 'runs on another machine that shares this state folder' }
  if (host === 'alive') return { state: facts.stopAskedAt > 0 ? 'stopping' : 'running' }
  if (host === 'dead') return { state: 'failed', fault: 'its guest host was ended from outside' }
  const timeoutMs = facts.isBereft ? bereftTimeoutMs : startTimeoutMs
  if (facts.isStartable && now - facts.createdAt < timeoutMs) return { state: 'pending' }
  return { state: 'failed', fault: 'it was never started' }
}

function endFault({ reason, exitCode, signal }: EndedRecord): string {
  const how = signal ?? (exitCode === null ? undefined : `exit code ${exitCode}`)
  return how === undefined ? endWords[reason] : `${endWords[reason]} (${how})`
}
