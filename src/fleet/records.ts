import type { ErrorCode, Offering, Scope, Unit } from '@agentctl/contract'
import type { Phase } from './phases.ts'
import type { EndReason } from './reasons.ts'

/**
 * A launch as the journal holds it. `intended`: may or may not have reached the cloud. `accepted`: the cloud answered.
 * `settled`: nothing more can come of it.
 */
export interface LaunchRecord {
  readonly launchId: string
  /** The run that answers for it; empty for one found in the cloud alone. */
  readonly runId: string
  readonly provider: string
  readonly pool: string
  readonly agentType: string
  readonly offering: Offering
  readonly digest: string
  readonly attempt: number
  readonly units: readonly Unit[]
  readonly expiresAt: number
  /** What its guests were told of holding failures; left out where they were told nothing. Unit: milliseconds. */
  readonly holdMs?: number
  readonly intendedAt: number
  readonly acceptedAt?: number
  readonly state: 'intended' | 'accepted' | 'settled'
  /** Calls sent with this id so far. */
  readonly tries: number
  /** The last time of a call of which nobody has said that the cloud did not take it: it may still take effect. */
  readonly doubtedAt?: number
  /** Not before then, for an intended launch that was refused or not answered. */
  readonly nextTryAt?: number
  /** The last call's end. It says nothing of the calls before it. */
  readonly lastError?: { readonly code: ErrorCode; readonly message: string }
  /** Why it was decided on, in words. */
  readonly why?: string
  /** What the cloud said to its calls, the same word once for as long as it stayed the same; the latest eight. */
  readonly refusals?: readonly Refused[]
}

export interface Refused {
  readonly at: number
  readonly code: ErrorCode
  readonly message: string
}

/** One unit of a launch, and what became of its machine. */
export interface UnitRecord {
  readonly launchId: string
  readonly index: number
  /** What it was launched for: a job id, or a slot of a run. */
  readonly want: string
  readonly name: string
  readonly attempt: number
  readonly jobId?: string
  readonly instanceId?: string
  readonly phase: Phase
  readonly entered: Readonly<Partial<Record<Phase, number>>>
  /** Times that the machine itself told, by its console; milliseconds since the epoch by our clock. */
  readonly marks: Readonly<Record<string, number>>
  readonly reason?: EndReason
  /** What stands behind the reason, in words. */
  readonly detail?: string
  readonly errorCode?: ErrorCode
  readonly consoleTail?: string
  /** The cloud's own words about its state, the latest. */
  readonly fault?: string
  /** When the hub was first seen to have a job on it. */
  readonly busyAt?: number
  /** When the cloud was first seen to show it powered off. */
  readonly stoppedAt?: number
  /** First complete list in which it was missing. */
  readonly absentSince?: number
  readonly terminateAskedAt?: number
  /** When its console was last read to see whether the user data can go; where that costs a call. */
  readonly guardLookedAt?: number
  readonly guardAskedAt?: number
  /** When its user data was taken away: that happens once. */
  readonly guardedAt?: number
  /** When the cloud last said that it will end it. */
  readonly terminateAcceptedAt?: number
}

export interface StockOut {
  readonly pool: string
  readonly offeringId: string
  readonly until: number
  /** Stock-outs in a row; the next one lasts longer. */
  readonly count: number
  readonly code: ErrorCode
  readonly message: string
}

export interface Breaker {
  readonly pool: string
  /** Boot failures since the last machine that came online. */
  readonly failures: number
  /** Launches wait until then; 0 while the breaker is closed. */
  readonly openUntil: number
  readonly cause: string
  /** Launch of the first machine that failed so: its record keeps its console. */
  readonly firstLaunchId?: string
}

export interface HubLimit {
  readonly agentType: string
  readonly since: number
  readonly lastProbeAt: number
}

/** An auxiliary resource without its instance. */
export interface Sighting {
  readonly key: string
  readonly firstAt: number
  readonly lastAt: number
}

/** A place for a machine without a job. Who fills it again counts on, so that no launch id comes twice. */
export interface Slot {
  readonly agentType: string
  readonly number: number
  /** From 1. */
  readonly epoch: number
}

/**
 * What a journal knows of a scope's past: nothing at first, although machines may be there. Launches wait until it is
 * acquainted: lists that lag have had the time to show what an earlier journal knew.
 */
export interface Acquaintance {
  /** `lookKey` of the scope. */
  readonly scope: string
  /** First complete list. */
  readonly firstAt: number
  /** Since then launches may go there. */
  readonly since?: number
  /** Instances were there before this journal had launched any. */
  readonly hadMachines: boolean
}

/** Why a job that waits has no machine; the words beside it say where. */
export type WaitCode =
  | 'ending'
  | 'limit'
  | 'hub-limited'
  | 'no-pool'
  | 'pool-unread'
  | 'pool-full'
  | 'breaker-open'
  | 'quota'
  | 'out-of-stock'
  | 'scope-unseen'
  | 'scope-new'
  | 'refused-by-cloud'
  | 'rate'
  | 'away'
  | 'queue-unread'
  | 'given-up'

export interface Wait {
  readonly code: WaitCode
  /** In words that stay the same as long as the reason does. */
  readonly why: string
}

export interface Waited extends Wait {
  readonly since: number
  readonly until?: number
}

/** A job as its queue showed it, for people to look back at; nothing is decided by it. */
export interface JobRecord {
  readonly jobId: string
  readonly agentType: string
  /** When a tick first saw it waiting. */
  readonly queuedAt: number
  /** When it was first seen not to wait any more: it was taken, or cancelled. */
  readonly leftAt?: number
  /** Oldest first. Of more than twenty the first ten and the latest ten are kept. */
  readonly waits: readonly Waited[]
}

/** The queue of an agent type at some time. */
export interface QueueSample {
  readonly agentType: string
  readonly at: number
  readonly queued: number
  /** Left out where it was not asked for. */
  readonly running?: number
}

/** All that is remembered from tick to tick. */
export interface Memory {
  readonly launches: readonly LaunchRecord[]
  readonly units: readonly UnitRecord[]
  readonly stockOuts: readonly StockOut[]
  readonly breakers: readonly Breaker[]
  readonly hubLimits: readonly HubLimit[]
  readonly acquaintances: readonly Acquaintance[]
}

export function unitKey(unit: { readonly launchId: string; readonly index: number }): string {
  return `${unit.launchId}.${unit.index}`
}

export function scopeOf(launch: LaunchRecord): Scope {
  return launch.offering.scope
}
