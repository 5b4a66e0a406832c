import type { Scope, Tags } from '@agentctl/contract'

/** The shapes of the files in the state folder. All times are milliseconds since the epoch. */

/** `auto`: a PID namespace where the system allows one. */
export const isolations = ['auto', 'process-group'] as const
export type Isolation = (typeof isolations)[number]

/** `launch.json`: written once, before the launch can be seen. */
export interface LaunchRecord {
  readonly tags: Tags
  readonly scope: Scope
  readonly offeringId: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly environment: Readonly<Record<string, string>>
  readonly stopGraceMs: number
  readonly isolation: Isolation
  /** The process that made the launch, and starts it. */
  readonly maker?: Identity
}

/** A process that cannot be mistaken for a later one with the same pid. */
export interface Identity {
  readonly pid: number
  /** The kernel's start time of it, in whatever unit the system gives. */
  readonly started: string
  /** Tells one boot of one machine from every other; empty where the system has no such id. */
  readonly boot: string
}

/** In the place of a guest host: nobody runs this unit, and nobody will. */
export const nobody: Identity = { pid: 0, started: '', boot: '' }

/** `tree.json`: the process whose end is the end of the tree, or of its process group. */
export interface TreeRecord {
  readonly isolation: string
  readonly leader: Identity
}

/** `marks.json`: what `mark` changed. */
export interface Marks {
  readonly expiresAt?: number
  readonly holdUntil?: number
}

/** Why a guest host powered its instance off. */
export type EndReason = 'exited' | 'asked' | 'expired' | 'not-started' | 'host-failed'

/** `ended.json`: the instance is off and no process of it is left. */
export interface EndedRecord {
  /** As a shell counts: 128 and the signal's number for a script that a signal ended. */
  readonly exitCode: number | null
  readonly signal: string | null
  readonly reason: EndReason
  readonly at: number
}
