import type { Agent } from './model.ts'

export const agentStates = [
  'waiting-for-jobs',
  'starting-job',
  'running-job',
  'stopping-job',
  'finished-job',
  'failed-to-fetch-job',
  'failed-to-construct-job',
  'failed-to-send-callback',
] as const

export type ReportedState = (typeof agentStates)[number]
export type ShutdownReason = 'idle' | 'requested' | 'interrupted' | 'job-finished'

export type Decision =
  | { readonly action: 'continue' }
  | { readonly action: 'wait-for-jobs' }
  | { readonly action: 'run-job'; readonly jobId: string }
  | { readonly action: 'stop-job'; readonly jobId: string }
  | { readonly action: 'shutdown'; readonly reason: ShutdownReason }

const go: Decision = { action: 'continue' }

/**
 * The hub's answer to a sync, from the agent's record (already brought up to date with this sync) and the oldest
 * job its type could give it.
 * Source: semaphoreio/semaphore self_hosted_hub/pkg/agentsync/protocol.go, 2026-08: a queued job beats the idle
 * timeout, disabled beats everything, single_job beats interrupted, grace counts whole seconds.
 */
export function decide(
  state: ReportedState,
  agent: Agent,
  oldestJob: string | undefined,
  now: number,
): Decision {
  switch (state) {
    case 'waiting-for-jobs':
      return decideWaiting(agent, oldestJob, now)
    case 'running-job':
      return decideRunning(agent, now)
    case 'starting-job':
    case 'stopping-job':
      return go
    default:
      return decideFinished(agent)
  }
}

function decideWaiting(agent: Agent, oldestJob: string | undefined, now: number): Decision {
  if (agent.disabledAt !== undefined) return { action: 'shutdown', reason: 'requested' }
  if (agent.interruptedAt !== undefined) return { action: 'shutdown', reason: 'interrupted' }
  if (agent.assignedJobId !== undefined && agent.assignedJobId !== agent.lastSyncJobId)
    return { action: 'run-job', jobId: agent.assignedJobId }
  if (oldestJob !== undefined) return { action: 'run-job', jobId: oldestJob }
  if (agent.idleTimeoutSeconds === 0) return go
  if (wholeSeconds(now - agent.lastStateChangeAt) < agent.idleTimeoutSeconds) return go
  return { action: 'shutdown', reason: 'idle' }
}

function decideRunning(agent: Agent, now: number): Decision {
  const { assignedJobId: jobId, interruptedAt } = agent
  if (jobId === undefined) return go
  const outOfGrace =
    interruptedAt !== undefined && wholeSeconds(now - interruptedAt) >= agent.gracePeriodSeconds
  const stop = agent.jobStopRequestedAt !== undefined || agent.disabledAt !== undefined || outOfGrace
  return stop ? { action: 'stop-job', jobId } : go
}

function decideFinished(agent: Agent): Decision {
  if (agent.disabledAt !== undefined) return { action: 'shutdown', reason: 'requested' }
  if (agent.singleJob) return { action: 'shutdown', reason: 'job-finished' }
  if (agent.interruptedAt !== undefined) return { action: 'shutdown', reason: 'interrupted' }
  return { action: 'wait-for-jobs' }
}

/** Milliseconds: the hub doubles its interval for an agent that goes on running its job. */
export function nextSyncAfter(state: ReportedState, decision: Decision, syncMs: number): number {
  return state === 'running-job' && decision.action === 'continue' ? syncMs * 2 : syncMs
}

function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}
