/** Figures of a window of time, taken as they come. */
export interface Tally {
  /** From a job's coming to the first create call for it. Unit: milliseconds. */
  readonly createdAfterMs: number[]
  /** Between two looks at the queue of a type: a tick and the pause after it. Unit: milliseconds. */
  readonly lookedEveryMs: number[]
}

export interface Watch {
  /** What was seen since it was taken last. */
  take(): Tally
  created(afterMs: number): void
  looked(pool: number, at: number): void
  /** Pools whose queue was looked at more than once, so that a look has come to its end. */
  known(): number
}

export function createWatch(): Watch {
  let tally: Tally = { createdAfterMs: [], lookedEveryMs: [] }
  const lookedAt = new Map<number, number>()
  const known = new Set<number>()
  return {
    take() {
      const taken = tally
      tally = { createdAfterMs: [], lookedEveryMs: [] }
      return taken
    },
    created: afterMs => void tally.createdAfterMs.push(afterMs),
    looked(pool, at) {
      const before = lookedAt.get(pool)
      lookedAt.set(pool, at)
      if (before === undefined) return
      known.add(pool)
      tally.lookedEveryMs.push(at - before)
    },
    known: () => known.size,
  }
}
