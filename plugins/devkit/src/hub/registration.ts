import { z } from 'zod'
import { isUuid } from './job-spec.ts'
import { finishJob, grantJobs, occupy } from './jobs.ts'
import type { Agent, AgentMetadata, AgentType, Job } from './model.ts'
import { agentNameProblem } from './names.ts'
import { emit, type HubState, newToken, registeredAgents } from './state.ts'

/** Missing fields are Go's zero values, wrong types do not decode. */
export const registerRequest = z.object({
  name: z.string().default(''),
  version: z.string().default(''),
  pid: z.number().int().default(0),
  os: z.string().default(''),
  arch: z.string().default(''),
  hostname: z.string().default(''),
  single_job: z.boolean().default(false),
  idle_timeout: z.number().int().default(0),
  interruption_grace_period: z.number().int().default(0),
  job_id: z.string().default(''),
})

export type RegisterRequest = z.infer<typeof registerRequest>

export type Registration =
  | { readonly ok: true; readonly name: string; readonly token: string }
  | { readonly ok: false; readonly status: 400 | 422 | 500; readonly why: string }

type Caller = Pick<AgentMetadata, 'ipAddress' | 'userAgent'>

const retryWindowMs = 5 * 60_000

/**
 * Registers an agent or says why not; order of the checks, status and wording are the real hub's.
 * Source: semaphoreio/semaphore self_hosted_hub/pkg/publicapi/server.go Register and registerAgent,
 * pkg/models/agent.go RegisterAgentInTransaction, 2026-08. The occupation request is looked up before the name,
 * so a repeated registration with a job id is refused: the first one has used it up.
 */
export function register(
  hub: HubState,
  type: AgentType,
  request: RegisterRequest,
  caller: Caller,
): Registration {
  grantJobs(hub)
  const result = check(hub, type, request) ?? admit(hub, type, request, caller)
  const job = request.job_id === '' ? null : request.job_id
  if (result.ok) emit(hub, { event: 'registered', agent: result.name, type: type.name, job })
  else
    emit(hub, {
      event: 'refused',
      agent: request.name,
      type: type.name,
      status: result.status,
      why: result.why,
      job,
    })
  return result
}

function check(hub: HubState, type: AgentType, request: RegisterRequest): Registration | undefined {
  const { job_id: jobId } = request
  if (jobId !== '' && !request.single_job)
    return refused(400, 'job can only be requested if agent disconnects after running it')
  const nameProblem = agentNameProblem(request.name, type.settings.assignment_origin)
  if (nameProblem !== undefined) return refused(400, nameProblem)
  if (hub.knobs.featureDisabled)
    return refused(422, 'self_hosted_agents feature is not available for the organization')
  const ceiling = hub.knobs.organizationCeiling
  if (ceiling !== null && registeredAgents(hub).length >= ceiling)
    return refused(422, 'agent quota for organization has been reached')
  if (jobId !== '' && !isUuid(jobId)) return refused(500, `invalid UUID: ${jobId}`)
  if (jobId !== '' && requestedJob(hub, type, jobId) === undefined) return refused(400, 'job not available')
  return undefined
}

function admit(hub: HubState, type: AgentType, request: RegisterRequest, caller: Caller): Registration {
  const now = hub.clock.now()
  const token = newToken(hub.random)
  const earlier = hub.agents.get(request.name)
  if (earlier !== undefined) {
    const retry =
      earlier.typeName === type.name &&
      earlier.lastSyncAt === undefined &&
      now - earlier.createdAt < retryWindowMs
    if (!retry) return refused(400, "agent can't be registered")
    earlier.token = token
    return { ok: true, name: earlier.name, token }
  }
  const agent: Agent = {
    name: request.name,
    typeName: type.name,
    createdAt: now,
    metadata: metadataOf(request, caller),
    singleJob: request.single_job,
    idleTimeoutSeconds: request.idle_timeout,
    gracePeriodSeconds: request.interruption_grace_period,
    token,
    state: 'registered',
    lastStateChangeAt: now,
  }
  hub.agents.set(agent.name, agent)
  const job = requestedJob(hub, type, request.job_id)
  if (job !== undefined) occupy(agent, job)
  return { ok: true, name: agent.name, token }
}

function requestedJob(hub: HubState, type: AgentType, jobId: string): Job | undefined {
  const job = hub.jobs.get(jobId.toLowerCase())
  return job?.state === 'queued' && job.typeName === type.name ? job : undefined
}

function metadataOf(request: RegisterRequest, caller: Caller): AgentMetadata {
  const { version, os, arch, pid, hostname } = request
  return { version, os, arch, pid, hostname, ...caller }
}

function refused(status: 400 | 422 | 500, why: string): Registration {
  return { ok: false, status, why }
}

/** With `release_after` the name stays held; without, the agent is gone at once. */
export function disconnect(hub: HubState, agent: Agent): void {
  const releaseAfter = hub.types.get(agent.typeName)?.settings.release_after ?? 0
  if (releaseAfter === 0) hub.agents.delete(agent.name)
  else {
    agent.state = 'disconnected'
    agent.disconnectedAt = hub.clock.now()
  }
  emit(hub, { event: 'disconnected', agent: agent.name })
}

export function dropAgent(hub: HubState, agent: Agent, why: string): void {
  const job = agent.assignedJobId === undefined ? undefined : hub.jobs.get(agent.assignedJobId)
  const unfinished = job !== undefined && job.state !== 'finished' ? job : undefined
  if (unfinished !== undefined) finishJob(hub, unfinished, 'failed', agent, `its agent was dropped: ${why}`)
  hub.agents.delete(agent.name)
  emit(hub, { event: 'dropped', agent: agent.name, why, job: unfinished?.id ?? null })
}
