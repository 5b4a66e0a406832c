import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, contractError, type Random } from '@agentctl/contract'
import { sqlite } from '../effects/sqlite.ts'

/** Short and uneven, so that two commands that tick at the same pace both get their turn. */
const retryMs = { least: 20, most: 80 }

export interface Lock {
  /**
   * Runs `work` while no other command of this host plans or acts for the owner.
   * @throws `unavailable` when the lock is not free within `waitMs`.
   */
  during<T>(
    work: () => Promise<T>,
    options: { readonly waitMs: number; readonly signal: AbortSignal },
  ): Promise<T>
}

/**
 * An exclusive transaction on an otherwise empty database of its own: the kernel frees it at the holder's death, and
 * the journal beside it stays free for commits.
 */
export function openLock(folder: string, clock: Clock, random: Random): Lock {
  const file = join(folder, 'lock.sqlite')
  return {
    async during(work, { waitMs, signal }) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const database = new (sqlite().DatabaseSync)(file)
      try {
        await take(database, clock.now() + waitMs)
        try {
          return await work()
        } finally {
          database.exec('rollback')
        }
      } finally {
        database.close()
      }

      async function take(held: typeof database, until: number): Promise<void> {
        for (;;) {
          try {
            held.exec('pragma busy_timeout = 0; begin exclusive')
            return
          } catch (cause) {
            if (!isBusy(cause)) throw contractError('internal', `Cannot lock ${file}`, { cause })
            if (clock.now() >= until) {
              throw contractError('unavailable', `Another agentctl of this owner holds ${file}`, {
                cause,
                hint: 'It is held for one tick at a time; try again in a minute.',
              })
            }
          }
          await clock.sleep(
            Math.round(retryMs.least + random.next() * (retryMs.most - retryMs.least)),
            signal,
          )
        }
      }
    },
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === 5
}
