import { sqlite } from '../../src/effects/sqlite.ts'
import type { Journal } from '../../src/journal/journal.ts'

/** The disk that journals are on. */
export interface Disk {
  isFull: boolean
  /** So many writes to come fail. */
  failures: number
  /** Writes that failed. */
  readonly refused: { full: number; failed: number }
  /** A journal on it. */
  holding(journal: Journal): Journal
}

const isWrite = (name: string) => /^(save|clear|remember|prune)/.test(name)

export function createDisk(): Disk {
  const refuse = () => {
    if (disk.isFull) disk.refused.full++
    else if (disk.failures > 0) {
      disk.failures--
      disk.refused.failed++
    } else return
    throw refusal()
  }
  const disk: Disk = {
    isFull: false,
    failures: 0,
    refused: { full: 0, failed: 0 },
    holding(journal) {
      const guarded = Object.entries(journal).map(([name, method]) => {
        const write = (...args: readonly unknown[]) => {
          refuse()
          return method(...args)
        }
        return [name, isWrite(name) ? write : method]
      })
      return { ...Object.fromEntries(guarded), [Symbol.dispose]: () => journal[Symbol.dispose]() }
    },
  }
  return disk
}

/** SQLite's own error, of a database that may not grow. */
function refusal(): unknown {
  const database = new (sqlite().DatabaseSync)(':memory:')
  try {
    database.exec('create table notes (body text); pragma max_page_count = 2')
    database.exec(`insert into notes values (zeroblob(100000))`)
    return new Error('this database is never full')
  } catch (error) {
    return error
  } finally {
    database.close()
  }
}

/** SQLITE_FULL, as it stands or as the cause of what a command says. */
export function isOfDisk(error: unknown): boolean {
  const { errcode, cause } = error as { readonly errcode?: number; readonly cause?: unknown }
  return errcode === 13 || (cause !== undefined && isOfDisk(cause))
}
