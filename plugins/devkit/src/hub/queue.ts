import type { Job } from './model.ts'

/** Jobs that count against the ceiling: those with an occupation request and those that an agent has. */
function isGranted(job: Job): boolean {
  return job.state === 'queued' || job.state === 'assigned' || job.state === 'running'
}

/** Which of the pending jobs get their occupation request now, oldest first. */
export function toGrant(jobs: Iterable<Job>, grantedMax: number | null, now: number): Job[] {
  let granted = 0
  const due: Job[] = []
  for (const job of jobs) {
    if (isGranted(job)) granted += 1
    else if (job.state === 'pending' && job.availableAt <= now) due.push(job)
  }
  const room = grantedMax === null ? due.length : grantedMax - granted
  return room <= 0 ? [] : due.sort(byAge).slice(0, room)
}

/** A lowered ceiling takes occupation requests back, the newest first; what an agent has, it keeps. */
export function toWithdraw(jobs: Iterable<Job>, grantedMax: number | null): Job[] {
  if (grantedMax === null) return []
  const granted = [...jobs].filter(isGranted)
  const over = granted.length - grantedMax
  if (over <= 0) return []
  const waiting = granted.filter(job => job.state === 'queued').sort(byAge)
  return waiting.slice(Math.max(0, waiting.length - over))
}

export function oldestQueued(jobs: Iterable<Job>, typeName: string): Job | undefined {
  let oldest: Job | undefined
  for (const job of jobs)
    if (
      job.state === 'queued' &&
      job.typeName === typeName &&
      (oldest === undefined || byAge(job, oldest) < 0)
    )
      oldest = job
  return oldest
}

/**
 * What `GET /jobs` lists: everything that has not started, newest first, at most 500.
 * Source: semaphoreio/semaphore self_hosted_hub/pkg/publicapi/zebraclient, 2026-08.
 */
export function listedJobs(jobs: Iterable<Job>, typeName: string, now: number): Job[] {
  return [...jobs]
    .filter(job => job.typeName === typeName && job.availableAt <= now)
    .filter(job => job.state === 'pending' || job.state === 'queued' || job.state === 'assigned')
    .sort((left, right) => byAge(right, left))
    .slice(0, 500)
}

/** Pending jobs are not counted as queued. */
export function countJobs(jobs: Iterable<Job>, typeName: string): { queued: number; running: number } {
  const mine = [...jobs].filter(job => job.typeName === typeName)
  return {
    queued: mine.filter(job => job.state === 'queued' || job.state === 'assigned').length,
    running: mine.filter(job => job.state === 'running').length,
  }
}

function byAge(left: Job, right: Job): number {
  return left.availableAt - right.availableAt || left.order - right.order
}
