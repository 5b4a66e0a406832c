import type { Knobs } from './knobs.ts'
import type { Agent, Job } from './model.ts'

/**
 * Why an agent is dropped now, or nothing.
 * Source: semaphoreio/semaphore self_hosted_hub/pkg/workers (agentcleaner, disconnectedcleaner), 2026-08.
 */
export function whyDropped(
  agent: Agent,
  releaseAfterSeconds: number,
  limits: Knobs['staleness'],
  now: number,
): string | undefined {
  if (agent.state === 'disconnected') {
    const heldMs = now - (agent.disconnectedAt ?? agent.createdAt)
    return heldMs > releaseAfterSeconds * 1000 ? 'name released' : undefined
  }
  if (agent.lastSyncAt === undefined)
    return now - agent.createdAt > limits.neverSyncedMs ? 'never synced' : undefined
  const silentMs = now - agent.lastSyncAt
  if (agent.assignedJobId === undefined && silentMs > limits.idleSilentMs) return 'idle and silent'
  return silentMs > limits.busySilentMs ? 'busy and silent' : undefined
}

/** A job nobody took for a day is terminated. Source: zebra/lib/zebra/workers/waiting_job_terminator.ex, 2026-08. */
export function waitedTooLong(job: Job, limits: Knobs['staleness'], now: number): boolean {
  return (job.state === 'queued' || job.state === 'pending') && now - job.availableAt > limits.jobWaitMs
}
