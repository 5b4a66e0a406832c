import { type Instance, type Resource, type Scope, scopeKey } from '@agentctl/contract'
import type { LaunchRecord, UnitRecord } from './records.ts'

/** A failed observation is unknown, never none. */
export type Known<T> =
  | { readonly state: 'known'; readonly value: T }
  | { readonly state: 'unknown'; readonly why: string }

export function known<T>(value: T): Known<T> {
  return { state: 'known', value }
}

export function unknown(why: string): Known<never> {
  return { state: 'unknown', why }
}

/** How the hub sees an agent; `absent` is positive evidence, `unknown` is none. */
export type AgentSeen = 'idle' | 'busy' | 'absent' | 'unknown'

/** The queue of an agent type. */
export interface Queue {
  /** Ids of queued jobs, oldest first. */
  readonly jobIds: readonly string[]
  /** Queued by the hub's count, which knows of more than the list's 500. */
  readonly queuedCount: number
  /** Jobs of the type that run now, whoever runs them; left out where it was not asked for. */
  readonly runningCount?: number
}

/** What the hub says of one job. */
export interface JobSeen {
  readonly state: 'waiting' | 'running' | 'finished'
  /** Name of the agent that has it. */
  readonly agent?: string
}

/** What a machine has said of itself on its console. */
export interface ConsoleReport {
  /** Name of the mark -> seconds since the guest started. */
  readonly marks: Readonly<Record<string, number>>
  /** Set once the machine has said why it ends. */
  readonly end?: { readonly reason: string; readonly detail: string }
}

export interface ConsoleSeen {
  readonly report: ConsoleReport
  readonly tail: string
}

/** One complete or failed look at one scope of one provider. */
export interface ScopeLook {
  readonly provider: string
  readonly scope: string
  /** When the list was asked for: what was accepted later may be missing from it. */
  readonly askedAt: number
  readonly resources: Known<readonly Resource[]>
}

/** Everything that a tick has seen. */
export interface Facts {
  readonly looks: readonly ScopeLook[]
  readonly queues: ReadonlyMap<string, Known<Queue>>
  /** Agent type -> agent name -> what the hub says of it. */
  readonly agents: ReadonlyMap<string, Known<ReadonlyMap<string, 'idle' | 'busy'>>>
  /** Instance id -> its console, where it was asked for. */
  readonly consoles: ReadonlyMap<string, Known<ConsoleSeen>>
  /** Job id -> what the hub says of it, where it was asked for. */
  readonly jobs: ReadonlyMap<string, Known<JobSeen>>
}

/** A unit with everything that is known of it now. */
export interface UnitView {
  readonly unit: UnitRecord
  readonly launch: LaunchRecord
  readonly instance: Instance | undefined
  readonly agent: AgentSeen
  /** The scope was listed completely in this tick: decisions that destroy may rest on it. */
  readonly isScopeKnown: boolean
  /** Missing from two complete lists, far enough apart and late enough to have shown it. */
  readonly isAbsent: boolean
  /** Its provider's lists never lag behind its answers, and this one was asked for after the last terminate. */
  readonly isListStrong: boolean
  /** Its user data is there for jobs to read until the controller takes it away. */
  readonly isGuardNeeded?: boolean
}

/** An owned resource that is no instance. */
export interface Stray {
  readonly provider: string
  readonly resource: Resource
  /** When the list that shows it was asked for. */
  readonly askedAt: number
}

export interface Picture {
  readonly units: readonly UnitView[]
  readonly strays: readonly Stray[]
  readonly queues: Facts['queues']
  readonly jobs: Facts['jobs']
  /** Scopes that were listed completely in this tick: {@link lookKey} of each. */
  readonly knownScopes: ReadonlySet<string>
}

/** As far as the cloud says, it may be at work. */
export function isRunning({ state }: Instance): boolean {
  return state === 'pending' || state === 'running' || state === 'unknown'
}

/** It may exist, or may come to exist: what limits count. */
export function isAlive({ unit, launch }: UnitView): boolean {
  return unit.phase !== 'gone' && (launch.state !== 'settled' || unit.instanceId !== undefined)
}

/** An end that was asked for, and is not there after so long, is no more waited for. Unit: milliseconds. */
const stuckMs = 10 * 60_000

/** Asked to end long ago, and still there: a cloud may never do it. */
export function isStuck(view: UnitView, now: number): boolean {
  return isAlive(view) && now - (view.unit.entered.terminating ?? now) > stuckMs
}

export function lookKey(provider: string, scope: Scope): string {
  return `${provider}/${scopeKey(scope)}`
}
