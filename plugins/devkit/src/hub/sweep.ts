import { waitedTooLong, whyDropped } from './housekeeping.ts'
import { finishJob, grantJobs } from './jobs.ts'
import { dropAgent } from './registration.ts'
import type { HubState } from './state.ts'

/** One round of housekeeping: silent agents go, their jobs fail, jobs that waited a day stop. */
export function sweep(hub: HubState): void {
  const now = hub.clock.now()
  const limits = hub.knobs.staleness
  for (const agent of [...hub.agents.values()]) {
    const releaseAfter = hub.types.get(agent.typeName)?.settings.release_after ?? 0
    const why = whyDropped(agent, releaseAfter, limits, now)
    if (why === 'name released') hub.agents.delete(agent.name)
    else if (why !== undefined) dropAgent(hub, agent, why)
  }
  for (const job of hub.jobs.values())
    if (waitedTooLong(job, limits, now)) finishJob(hub, job, 'stopped', undefined, 'no agent in a day')
  grantJobs(hub)
}
