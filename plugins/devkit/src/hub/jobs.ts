import type { JobSpec } from './job-spec.ts'
import type { Agent, Job, JobResult } from './model.ts'
import { toGrant, toWithdraw } from './queue.ts'
import { emit, type HubState, newToken, newUuid } from './state.ts'

/** Puts a job into the queue. A repeated id is refused: the real hub makes ids, here a file may. */
export function queueJob(hub: HubState, spec: JobSpec, defaultType: string): Job {
  const id = spec.id?.toLowerCase() ?? newUuid(hub.random)
  if (hub.jobs.has(id)) throw new Error(`a job ${id} is there already`)
  const now = hub.clock.now()
  const job: Job = {
    id,
    name: spec.name ?? `job ${hub.jobs.size + 1}`,
    typeName: spec.type ?? defaultType,
    spec,
    createdAt: now,
    availableAt: now + (spec['delay-ms'] ?? 0),
    order: hub.jobs.size,
    state: 'pending',
    handedOut: 0,
    runs: 0,
    log: [],
    logToken: newToken(hub.random),
    logTrimmed: false,
  }
  hub.jobs.set(id, job)
  emit(hub, { event: 'job-queued', job: id, name: job.name, type: job.typeName })
  return job
}

/** Gives occupation requests to what may have one now, and takes them back when the ceiling was lowered. */
export function grantJobs(hub: HubState): void {
  const { jobsGrantedMax } = hub.knobs
  for (const job of toWithdraw(hub.jobs.values(), jobsGrantedMax)) job.state = 'pending'
  for (const job of toGrant(hub.jobs.values(), jobsGrantedMax, hub.clock.now())) job.state = 'queued'
}

/** The occupation request is used up: the job has this agent, and nobody else gets it. */
export function occupy(agent: Agent, job: Job): void {
  agent.assignedJobId = job.id
  delete agent.jobStopRequestedAt
  job.agentName = agent.name
  job.agentAddress = agent.metadata.ipAddress
  job.state = 'assigned'
}

export function handOut(hub: HubState, agent: Agent, jobId: string): void {
  const job = hub.jobs.get(jobId)
  if (job === undefined) return
  if (job.state === 'queued') occupy(agent, job)
  if (job.state !== 'running') {
    job.state = 'running'
    job.startedAt = hub.clock.now()
  }
  job.handedOut += 1
  emit(hub, { event: 'handed-out', agent: agent.name, job: jobId })
}

/** The agent has the payload in hand: from now on the job counts as run by it. */
export function markFetched(hub: HubState, agent: Agent, job: Job): void {
  if (agent.fetchedJobId === job.id) return
  agent.fetchedJobId = job.id
  job.runs += 1
  emit(hub, { event: 'job-started', agent: agent.name, job: job.id })
}

/** The first result stands; a repeated report changes nothing. */
export function finishJob(
  hub: HubState,
  job: Job,
  result: JobResult,
  agent: Agent | undefined,
  why?: string,
): void {
  if (job.state === 'finished') return
  job.state = 'finished'
  job.result = result
  job.finishedAt = hub.clock.now()
  emit(hub, {
    event: 'job-finished',
    agent: agent?.name ?? null,
    job: job.id,
    result,
    ...(why === undefined ? {} : { why }),
  })
}

/**
 * Stops a job: one that waits loses its occupation request at once, one that an agent has is stopped at that
 * agent's next sync. Source: semaphoreio/semaphore self_hosted_hub/pkg/models/agent.go StopJob, 2026-08.
 */
export function stopJob(hub: HubState, job: Job): void {
  if (job.state === 'finished') return
  emit(hub, { event: 'stop-requested', job: job.id })
  const agent = [...hub.agents.values()].find(candidate => candidate.assignedJobId === job.id)
  if (agent === undefined) finishJob(hub, job, 'stopped', undefined, 'stopped before an agent had it')
  else agent.jobStopRequestedAt = hub.clock.now()
}
