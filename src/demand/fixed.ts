import type { Want } from '../fleet/actions.ts'
import type { Queue } from '../fleet/picture.ts'

/** One want for each job, in the order given. */
export function wantsOfJobs(agentType: string, jobIds: readonly string[]): readonly Want[] {
  return jobIds.map(jobId => ({ key: jobId, agentType, jobId }))
}

/** `count` machines that take any job; their slots belong to the run, so that a crash does not renumber them. */
export function wantsOfCount(agentType: string, count: number, runId: string): readonly Want[] {
  return Array.from({ length: count }, (_, slot) => ({ key: `slot:${runId}:${slot}`, agentType }))
}

/** The queue as it stands: a bound machine for each listed job, unbound ones for those beyond the list. */
export function wantsOfQueue(agentType: string, queue: Queue, runId: string): readonly Want[] {
  const unlisted = Math.max(0, queue.queuedCount - queue.jobIds.length)
  // The hub hands out the oldest first, and those are the ones that its list of the newest leaves out.
  return [...wantsOfCount(agentType, unlisted, runId), ...wantsOfJobs(agentType, queue.jobIds)]
}
