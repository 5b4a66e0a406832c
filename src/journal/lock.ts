import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, contractError, type Random } from '@agentctl/contract'
import { sqlite } from '../effects/sqlite.ts'
import { messageOf } from '../errors/message.ts'
import { type Database, isBusy } from './database.ts'
import { troubleWith } from './trouble.ts'

/** Short and uneven, so that two commands that tick at the same pace both get their turn. */
const retryMs = { least: 20, most: 80 }

export interface LockWait {
  readonly waitMs: number
  readonly signal: AbortSignal
  /** What is said when it is not free in time. */
  readonly busy?: { readonly message: string; readonly hint: string }
}

const tickBusy = (file: string) => ({
  message: `Another agentctl of this owner holds ${file}`,
  hint: `It is held for one tick at a time; try again in a minute. What holds it for longer may be suspended: fuser ${file} names it.`,
})

export interface Lock {
  /**
   * Runs `work` while no other command of this host plans or acts for the owner.
   * @throws `unavailable` when the lock is not free within `waitMs` or its file cannot be opened, `internal` when there can be none
   */
  during<T>(work: () => Promise<T>, wait: LockWait): Promise<T>
}

/** A connection; closing it ends its transaction. */
type LockFile = Pick<Database, 'exec' | 'close'>

/**
 * An exclusive transaction on an otherwise empty database of its own: the kernel frees it at the holder's death, and
 * the journal beside it stays free for commits.
 */
export function openLock(
  folder: string,
  clock: Clock,
  random: Random,
  open: (folder: string, file: string) => LockFile = openFile,
): Lock {
  const file = join(folder, 'lock.sqlite')

  async function take(
    database: LockFile,
    { waitMs, signal, busy = tickBusy(file) }: LockWait,
  ): Promise<void> {
    const until = clock.now() + waitMs
    while (!hasTaken(database, file)) {
      if (clock.now() >= until) {
        throw contractError('unavailable', busy.message, { hint: busy.hint })
      }
      await clock.sleep(Math.round(retryMs.least + random.next() * (retryMs.most - retryMs.least)), signal)
    }
  }

  return {
    async during(work, wait) {
      const database = open(folder, file)
      try {
        await take(database, wait)
        return await work()
      } finally {
        // Closing ends the transaction, and with it the lock.
        database.close()
      }
    },
  }
}

function openFile(folder: string, file: string): Database {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return new (sqlite().DatabaseSync)(file)
  } catch (cause) {
    throw unusable(file, cause)
  }
}

function hasTaken(database: LockFile, file: string): boolean {
  try {
    database.exec('pragma busy_timeout = 0; begin exclusive')
    return true
  } catch (cause) {
    if (isBusy(cause)) return false
    throw unusable(file, cause)
  }
}

function unusable(file: string, cause: unknown) {
  return (
    troubleWith(file, cause) ??
    contractError('internal', `Cannot lock ${file}: ${messageOf(cause)}`, { cause })
  )
}
