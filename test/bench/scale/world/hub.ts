import { createDice } from '@agentctl/provider-sim'
import { jobIdAt, type Load } from '../load.ts'
import type { Job } from './model.ts'

/** As the hub's list is: without pages. */
const listMax = 500
const feedMs = 50

export interface Hub {
  readonly jobs: ReadonlyMap<string, Job>
  /** A job that runs on a machine which was there before anybody looked. */
  begin(pool: number): Job
  /** An agent of that name asks for that job. False: it is not to be had. */
  register(agent: string, job: Job | undefined): boolean
  /** The job is over, and its agent gone. */
  finish(agent: string, job: Job): void
  /** Newest first, at most 500. */
  queued(pool: number): readonly string[]
  counts(pool: number): { readonly queued: number; readonly running: number }
  /** Names of the agents that have a job. */
  agents(pool: number): readonly string[]
  /** Jobs come by chance, one after the other, until it is told to stop. */
  feed(): () => void
}

export function createHub(load: Load, now: () => number): Hub {
  const jobs = new Map<string, Job>()
  const waiting = Array.from({ length: load.pools }, () => new Set<string>())
  const online = Array.from({ length: load.pools }, () => new Set<string>())
  const dice = createDice(load.seed)

  function add(pool: number, state: Job['state']): Job {
    const id = jobIdAt(jobs.size + 1)
    const job: Job = { id, pool, state, queuedAt: now(), machines: 0, createdAt: undefined }
    jobs.set(id, job)
    if (state === 'queued') waiting[pool]?.add(id)
    return job
  }

  return {
    jobs,
    begin: pool => add(pool, 'running'),
    register(agent, job) {
      if (job?.state === 'queued') {
        job.state = 'running'
        waiting[job.pool]?.delete(job.id)
      } else if (job?.state !== 'running' || job.createdAt !== undefined) return false
      online[job.pool]?.add(agent)
      return true
    },
    finish(agent, job) {
      job.state = 'finished'
      online[job.pool]?.delete(agent)
    },
    queued: pool => [...(waiting[pool] ?? [])].slice(-listMax).toReversed(),
    counts: pool => ({ queued: waiting[pool]?.size ?? 0, running: online[pool]?.size ?? 0 }),
    agents: pool => [...(online[pool] ?? [])],
    feed() {
      let nextAt = now()
      const timer = setInterval(() => {
        while (nextAt <= now()) {
          add(Math.floor(dice.next() * load.pools), 'queued')
          nextAt += (-Math.log(1 - dice.next()) * 60_000) / load.jobsPerMinute
        }
      }, feedMs)
      return () => clearInterval(timer)
    },
  }
}
