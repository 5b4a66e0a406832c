import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sqlite } from '../effects/sqlite.ts'
import { prepare } from './database.ts'
import { type Journal, journalIn } from './journal.ts'

const tables = ['launches', 'units', 'runs', 'notes']

/** The journal in `folder` as it is now, to write into without consequences: nothing of it reaches the disk. */
export function openDraft(folder: string, now: () => number): Journal {
  const database = new (sqlite().DatabaseSync)(':memory:')
  prepare(database)
  const file = join(folder, 'journal.sqlite')
  if (existsSync(file)) {
    database.prepare('attach database ? as disk').run(file)
    for (const table of tables) database.exec(`insert into main.${table} select * from disk.${table}`)
    database.exec('detach database disk')
  }
  return journalIn(database, now)
}
