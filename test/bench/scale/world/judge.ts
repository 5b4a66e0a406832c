import type { Load } from '../load.ts'
import { poolMax } from '../load.ts'
import type { Job } from './model.ts'

/** What must not be, counted. */
export interface Wrongs {
  /** Machines made for a job that has a live one. */
  readonly doubled: number
  /** Machines made for no job, or for one that waits for none. */
  readonly forNobody: number
  /** Machines made beyond the most that their pool may have. */
  readonly beyondMax: number
}

export interface Judge {
  readonly wrongs: Wrongs
  /** Right before a machine of that pool is made for that job. */
  make(pool: number, job: Job | undefined): void
  end(pool: number, job: Job | undefined): void
}

export function createJudge(load: Load): Judge {
  const wrongs = { doubled: 0, forNobody: 0, beyondMax: 0 }
  const alive = Array.from({ length: load.pools }, () => 0)
  return {
    wrongs,
    make(pool, job) {
      const count = (alive[pool] ?? 0) + 1
      alive[pool] = count
      if (count > poolMax(load)) wrongs.beyondMax += 1
      if (!job || job.state === 'finished') wrongs.forNobody += 1
      if (!job) return
      if (job.machines > 0) wrongs.doubled += 1
      job.machines += 1
    },
    end(pool, job) {
      alive[pool] = (alive[pool] ?? 0) - 1
      if (job) job.machines -= 1
    },
  }
}
