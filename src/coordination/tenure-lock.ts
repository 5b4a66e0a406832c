import type { Lock } from '../journal/lock.ts'

/** Whoever holds the work holds the lock. What was done under it is written down when it is let go. */
export function tenureLock(flush: () => Promise<void>): Lock {
  return {
    async during(work) {
      try {
        return await work()
      } finally {
        await flush()
      }
    },
  }
}
