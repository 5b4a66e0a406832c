import { readdirSync, readFileSync } from 'node:fs'
import { ownPid, sendSignal } from './effects.ts'
import type { Identity } from './records.ts'

/** Processes by what cannot be reused: start time and environment, never the bare pid. Linux only. */

interface Found {
  readonly started: string
  readonly isZombie: boolean
}

/** The process as it is now, or undefined when it has ended. */
export function identify(pid: number): Identity | undefined {
  const found = findInProc(pid)
  if (!found || found.isZombie) return undefined
  return { pid, started: found.started, boot: bootId() }
}

/** Whether that very process still runs. */
export function isAlive(identity: Identity): boolean {
  if (identity.pid <= 0) return false
  const now = identify(identity.pid)
  return now !== undefined && now.started === identity.started && now.boot === identity.boot
}

/** Sends a signal to that very process; false when it has ended. */
export function signalProcess(identity: Identity, name: NodeJS.Signals): boolean {
  return isAlive(identity) && sendSignal(identity.pid, name)
}

/** Ends that very process, and its process group where it leads one. */
export function endLeader(leader: Identity): void {
  if (!isAlive(leader)) return
  sendSignal(-leader.pid, 'SIGKILL')
  sendSignal(leader.pid, 'SIGKILL')
}

export function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id').trim()
}

function findInProc(pid: number): Found | undefined {
  // The second field is the program's name, in brackets, and may hold anything: count from its end.
  const stat = read(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const started = fields[19]
  if (started === undefined) return undefined
  return { started, isZombie: fields[0] === 'Z' || fields[0] === 'X' }
}

/** In the environment of an instance's guest host, of its QEMU, and of what that starts. */
export interface EnvironmentMark {
  readonly id: string
  /** The unit's folder: tells two state folders apart that know the same id. */
  readonly run: string
}

export function markVariables({ id, run }: EnvironmentMark): Record<string, string> {
  return { AGENTCTL_INSTANCE: id, AGENTCTL_RUN: run }
}

/** Pids of the living processes that carry the mark, without this one. */
function markedProcesses(mark: EnvironmentMark): number[] {
  return environments().flatMap(({ pid, has }) => (pid !== ownPid && carries(has, mark) ? [pid] : []))
}

/** Sends SIGKILL to each of them and says how many there were. @throws EPERM for those of another user */
export function endMarked(mark: EnvironmentMark): number {
  const pids = markedProcesses(mark)
  for (const pid of pids) sendSignal(pid, 'SIGKILL')
  return pids.length
}

type Has = (text: string) => boolean

function carries(has: Has, { id, run }: EnvironmentMark): boolean {
  return has(`AGENTCTL_INSTANCE=${id}`) && has(`AGENTCTL_RUN=${run}`)
}

function environments(): { pid: number; has: Has }[] {
  return readdirSync('/proc').flatMap(name => {
    const pid = Number(name)
    if (!Number.isInteger(pid)) return []
    const environment = `\0${read(`/proc/${pid}/environ`)}`
    const has = (text: string) => environment.includes(`\0${text}\0`)
    return [{ pid, has }]
  })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
