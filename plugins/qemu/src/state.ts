import type { ResourceState } from '@agentctl/contract'
import type { EndedRecord, EndReason } from './records.ts'

/** An instance that nobody started within this time never will be. Unit: milliseconds. */
const startTimeoutMs = 60_000

/** `elsewhere`: the guest host runs on another machine that shares the state folder, so nothing is known of it. */
export type HostState = 'none' | 'alive' | 'dead' | 'elsewhere'

/** What disk and kernel say of one unit. */
export interface Facts {
  readonly host: HostState
  readonly ended?: EndedRecord
  /** QEMU's word for what its machine does; undefined before QEMU has answered. */
  readonly status?: string
  /** 0 where the launch's record is damaged. Unit: milliseconds since the epoch. */
  readonly createdAt: number
  /** When a stop was asked for; 0 when never. Unit: milliseconds since the epoch. */
  readonly stopAskedAt: number
}

export interface Verdict {
  readonly state: ResourceState
  readonly fault?: string
}

/** How an end reads. A machine that its guest, its deadline or we have ended is off; any other end is a failure. */
export const endings: Readonly<Record<EndReason, { state: 'stopped' | 'failed'; words: string }>> = {
  'powered-off': { state: 'stopped', words: 'powered off by itself' },
  rebooted: { state: 'stopped', words: 'its guest rebooted, which ends it' },
  asked: { state: 'stopped', words: 'stopped when asked to' },
  expired: { state: 'stopped', words: 'ended at its deadline' },
  panicked: { state: 'failed', words: 'its guest panicked' },
  crashed: { state: 'failed', words: 'QEMU ended without its guest having powered off' },
  'not-started': { state: 'failed', words: 'QEMU could not be started: the console says why' },
  'host-failed': { state: 'failed', words: 'its guest host failed' },
}

/** QEMU's run states (`query-status`) that a machine of ours can be in. What is not here is `unknown`. Rule S3. */
export const statuses: Readonly<Record<string, Verdict>> = {
  prelaunch: { state: 'pending' },
  inmigrate: { state: 'pending' },
  running: { state: 'running' },
  paused: { state: 'running', fault: 'somebody has paused it' },
  suspended: { state: 'running', fault: 'its guest has suspended it' },
  debug: { state: 'running', fault: 'a debugger has paused it' },
  'save-vm': { state: 'running' },
  'restore-vm': { state: 'running' },
  shutdown: { state: 'stopping' },
  watchdog: { state: 'failed', fault: 'its watchdog has stopped it' },
  'guest-panicked': { state: 'failed', fault: 'its guest panicked' },
  'io-error': { state: 'failed', fault: 'its disk cannot be written' },
  'internal-error': { state: 'failed', fault: 'its processor cannot go on' },
}

/** Pure. */
export function judge(facts: Facts, now: number): Verdict {
  const { host, ended, status } = facts
  // The guest host exits right after it has written its end; until then something of the instance is left.
  if (ended)
    return { state: host === 'alive' ? 'stopping' : endings[ended.reason].state, fault: endFault(ended) }
  if (host === 'elsewhere')
    return { state: 'unknown', fault: 'runs on another machine that shares this state folder' }
  if (host === 'dead') return { state: 'failed', fault: 'its guest host was ended from outside' }
  if (host === 'alive') return facts.stopAskedAt > 0 ? { state: 'stopping' } : statusVerdict(status)
  if (now - facts.createdAt < startTimeoutMs) return { state: 'pending' }
  return { state: 'failed', fault: 'it was never started' }
}

function statusVerdict(status: string | undefined): Verdict {
  if (status === undefined) return { state: 'pending' }
  return statuses[status] ?? { state: 'unknown', fault: `QEMU says ${status}` }
}

function endFault({ reason, exitCode, signal }: EndedRecord): string {
  const how = signal ?? (exitCode ? `exit code ${exitCode} of QEMU` : undefined)
  const { words } = endings[reason]
  return how === undefined ? words : `${words} (${how})`
}
