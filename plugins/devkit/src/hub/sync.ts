import { z } from 'zod'
import { agentStates, type Decision, decide, nextSyncAfter, type ReportedState } from './decide.ts'
import { finishJob, grantJobs, handOut } from './jobs.ts'
import type { Agent, JobResult } from './model.ts'
import { oldestQueued } from './queue.ts'
import { emit, type HubState, registeredAgents } from './state.ts'

export const syncRequest = z.object({
  state: z.enum(agentStates),
  job_id: z.string().default(''),
  job_result: z.enum(['', 'passed', 'failed', 'stopped']).default(''),
  interrupted_at: z.number().int().default(0),
})

export type SyncRequest = z.infer<typeof syncRequest>

export interface SyncResponse {
  readonly action: Decision['action']
  readonly job_id: string
  readonly shutdown_reason: string
  readonly next_sync_after: number
}

/** One sync: record what the agent says, then answer it. */
export function sync(hub: HubState, agent: Agent, request: SyncRequest): SyncResponse {
  const now = hub.clock.now()
  grantJobs(hub)
  record(hub, agent, request, now)
  if (overQuota(hub)) disable(hub, agent)
  if (finishedStates.has(request.state)) publishResult(hub, agent, request)
  const oldest = oldestQueued(hub.jobs.values(), agent.typeName)
  const decision = decide(request.state, agent, oldest?.id, now)
  act(hub, agent, decision)
  return {
    action: decision.action,
    job_id: 'jobId' in decision ? decision.jobId : '',
    shutdown_reason: 'reason' in decision && !hub.knobs.omitShutdownReason ? decision.reason : '',
    next_sync_after: nextSyncAfter(request.state, decision, hub.knobs.syncMs),
  }
}

const finishedStates: ReadonlySet<ReportedState> = new Set<ReportedState>([
  'finished-job',
  'failed-to-fetch-job',
  'failed-to-construct-job',
  'failed-to-send-callback',
])

function record(hub: HubState, agent: Agent, request: SyncRequest, now: number): void {
  if (agent.lastSyncState !== request.state) agent.lastStateChangeAt = now
  agent.lastSyncAt = now
  agent.lastSyncState = request.state
  if (request.job_id !== '') agent.lastSyncJobId = request.job_id
  if (request.interrupted_at <= 0) return
  if (agent.interruptedAt === undefined) emit(hub, { event: 'interrupted', agent: agent.name })
  agent.interruptedAt = request.interrupted_at * 1000
}

/** A lowered quota disables the agents that sync while there are too many, until there are not. */
function overQuota(hub: HubState): boolean {
  const { featureDisabled, organizationCeiling } = hub.knobs
  if (featureDisabled) return true
  const enabled = registeredAgents(hub).filter(agent => agent.disabledAt === undefined)
  return organizationCeiling !== null && enabled.length > organizationCeiling
}

export function disable(hub: HubState, agent: Agent): void {
  if (agent.disabledAt !== undefined) return
  agent.disabledAt = hub.clock.now()
  emit(hub, { event: 'disabled', agent: agent.name })
}

/** Only the job on record counts, whatever id the agent sends. One-job and interrupted agents keep it assigned. */
function publishResult(hub: HubState, agent: Agent, request: SyncRequest): void {
  const job = agent.assignedJobId === undefined ? undefined : hub.jobs.get(agent.assignedJobId)
  if (job === undefined) return
  const result: JobResult | '' = request.state === 'finished-job' ? request.job_result : 'failed'
  if (result !== '') finishJob(hub, job, result, agent)
  if (agent.singleJob || agent.interruptedAt !== undefined) return
  delete agent.assignedJobId
  delete agent.jobStopRequestedAt
}

function act(hub: HubState, agent: Agent, decision: Decision): void {
  if (decision.action === 'run-job') handOut(hub, agent, decision.jobId)
  if (decision.action === 'stop-job') emit(hub, { event: 'stop-job', agent: agent.name, job: decision.jobId })
  if (decision.action === 'shutdown')
    emit(hub, { event: 'shutdown', agent: agent.name, reason: decision.reason })
}
