import type { JobSpec } from './job-spec.ts'

/** What an agent says of itself when it registers. */
export interface AgentMetadata {
  readonly version: string
  readonly os: string
  readonly arch: string
  readonly pid: number
  readonly hostname: string
  readonly ipAddress: string
  readonly userAgent: string
}

export type JobResult = 'passed' | 'failed' | 'stopped'

/** Times are milliseconds since the epoch; seconds where a name says so. */
export interface Agent {
  readonly name: string
  readonly typeName: string
  readonly createdAt: number
  readonly metadata: AgentMetadata
  readonly singleJob: boolean
  readonly idleTimeoutSeconds: number
  readonly gracePeriodSeconds: number
  token: string
  state: 'registered' | 'disconnected'
  disconnectedAt?: number
  disabledAt?: number
  interruptedAt?: number
  lastSyncAt?: number
  lastSyncState?: string
  lastSyncJobId?: string
  lastStateChangeAt: number
  assignedJobId?: string
  jobStopRequestedAt?: number
  /** The job whose payload it has fetched: from then on it counts as run. */
  fetchedJobId?: string
}

/**
 * pending: over the ceiling, listed but not to be had; queued: has an occupation request; assigned: taken by a
 * registered agent that has not been told to run it; running: handed out; finished: has a result.
 */
export type JobState = 'pending' | 'queued' | 'assigned' | 'running' | 'finished'

export interface Job {
  readonly id: string
  readonly name: string
  readonly typeName: string
  readonly spec: JobSpec
  readonly createdAt: number
  /** Not in any list before this. */
  readonly availableAt: number
  /** Tells apart jobs of the same millisecond. */
  readonly order: number
  state: JobState
  result?: JobResult
  agentName?: string
  agentAddress?: string
  startedAt?: number
  finishedAt?: number
  /** How many times an agent was told to run it, and how many agents then fetched it. More than one is a fault. */
  handedOut: number
  runs: number
  log: string[]
  logToken: string
  logTrimmed: boolean
}

/** `release_after` is in seconds, as in the public API. */
export interface AgentNameSettings {
  readonly assignment_origin: string
  readonly release_after: number
  /** With `assignment_origin_aws_sts` alone. */
  readonly aws?: { readonly account_id: string; readonly role_name_patterns: string }
}

export interface AgentType {
  readonly name: string
  readonly token: string
  readonly createdAt: number
  updatedAt: number
  settings: AgentNameSettings
}

/** What the outside may read of a job. */
export interface JobView {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly state: JobState
  readonly result: JobResult | null
  readonly agent: string | null
  readonly handedOut: number
  readonly runs: number
  readonly createdAt: number
  readonly startedAt: number | null
  readonly finishedAt: number | null
}

export interface AgentView {
  readonly name: string
  readonly type: string
  readonly state: string
  readonly job: string | null
  readonly disabled: boolean
  readonly interrupted: boolean
  readonly singleJob: boolean
  readonly registeredAt: number
  readonly lastSyncAt: number | null
  readonly hostname: string
  readonly pid: number
}

export function viewJob(job: Job): JobView {
  return {
    id: job.id,
    name: job.name,
    type: job.typeName,
    state: job.state,
    result: job.result ?? null,
    agent: job.agentName ?? null,
    handedOut: job.handedOut,
    runs: job.runs,
    createdAt: job.createdAt,
    startedAt: job.startedAt ?? null,
    finishedAt: job.finishedAt ?? null,
  }
}

export function viewAgent(agent: Agent): AgentView {
  return {
    name: agent.name,
    type: agent.typeName,
    state: agent.state === 'disconnected' ? 'disconnected' : (agent.lastSyncState ?? 'registered'),
    job: agent.assignedJobId ?? null,
    disabled: agent.disabledAt !== undefined,
    interrupted: agent.interruptedAt !== undefined,
    singleJob: agent.singleJob,
    registeredAt: agent.createdAt,
    lastSyncAt: agent.lastSyncAt ?? null,
    hostname: agent.metadata.hostname,
    pid: agent.metadata.pid,
  }
}
