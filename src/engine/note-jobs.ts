import type { Want } from '../fleet/actions.ts'
import { nextJobs, nextSamples, nextWaits } from '../fleet/jobs.ts'
import type { PlanInput } from '../fleet/plan.ts'
import type { Wait } from '../fleet/records.ts'
import type { Engine } from './deps.ts'

/** Writes down which jobs came and left, and why those that wait have no machine. */
export function noteJobs(
  { journal, clock }: Engine,
  { picture, policy }: Pick<PlanInput, 'picture' | 'policy'>,
  waits: ReadonlyMap<string, Wait | 'none'>,
): void {
  const now = clock.now()
  const queues = [...picture.queues.values()]
  const { wants } = policy
  const ids = [
    ...queues.flatMap(queue => (queue.state === 'known' ? queue.value.jobIds : [])),
    ...wants.flatMap(want => want.jobId ?? []),
  ]
  journal.save({
    jobs: nextJobs({ picture, waits, wants, before: journal.jobs(ids), now }),
    queues: nextSamples(picture, journal.lastQueues(), now),
  })
}

/** Of jobs whose launch did not get as far as a call. */
export function noteWait({ journal, clock }: Engine, wants: readonly Want[], wait: Wait): void {
  const ids = new Set(wants.flatMap(want => want.jobId ?? []))
  const now = clock.now()
  const jobs = journal.jobs([...ids]).filter(job => ids.has(job.jobId))
  journal.save({
    jobs: jobs.flatMap(job => {
      const waits = nextWaits(job.waits, wait, now)
      return waits === job.waits ? [] : [{ ...job, waits }]
    }),
  })
}
