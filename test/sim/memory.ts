import { join } from 'node:path'
import { sqlite } from '../../src/effects/sqlite.ts'
import { prepare } from '../../src/journal/database.ts'
import { journalIn } from '../../src/journal/journal.ts'
import { openLock } from '../../src/journal/lock.ts'
import type { Effects } from '../../src/operations/context.ts'

/**
 * The real journal and the real lock in SQLite files that are in memory, each there until the end: a story in which no
 * disk fails need not wait for one.
 */
export function stateInMemory(): Pick<Effects, 'openJournal' | 'openLock'> & Disposable {
  const { DatabaseSync } = sqlite()
  const open = (file: string) => new DatabaseSync(`file:${file}?vfs=memdb`)
  // A file in memory is gone with its last connection.
  const kept = new Map<string, ReturnType<typeof open>>()
  const keep = (file: string) => {
    if (!kept.has(file)) kept.set(file, open(file))
    return open(file)
  }
  return {
    openJournal(folder, now) {
      const database = keep(join(folder, 'journal.sqlite'))
      prepare(database)
      return journalIn(database, now)
    },
    openLock(folder, clock, random) {
      const database = keep(join(folder, 'lock.sqlite'))
      const close = () => database.isTransaction && database.exec('rollback')
      return openLock(folder, clock, random, () => ({ exec: sql => database.exec(sql), close }))
    },
    [Symbol.dispose]() {
      for (const database of kept.values()) database.close()
    },
  }
}
