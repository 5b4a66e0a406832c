import type { RecordRef, StoredRecord } from '@agentctl/contract'
import type { LaunchRecord } from '../fleet/records.ts'
import { atomically, type Database } from '../journal/database.ts'
import { keysOf, type Row, recordsOf, refsOf, rowOf, type Table, tables } from './rows.ts'

export interface Changed {
  readonly saved: readonly StoredRecord[]
  readonly removed: readonly RecordRef[]
}

export interface Capture {
  isEmpty(): boolean
  /** What was written since it was taken last, each record once, as it is now. */
  take(): Changed
  /** What is written by `work` is not taken. */
  quietly(work: () => void): void
}

/** Writes records into a journal's tables; one that is there already is newer. */
export function fill(database: Database, records: readonly StoredRecord[]): void {
  atomically(database, () => {
    for (const [table, row] of records.map(rowOf)) {
      const columns = Object.keys(row)
      const places = columns.map(() => '?').join(', ')
      database
        .prepare(`insert or ignore into ${table} (${columns.join(', ')}) values (${places})`)
        .run(...Object.values(row))
    }
  })
}

/** Watches the tables of a journal by triggers, so that no writer has to know that somebody takes its changes along. */
export function captureIn(database: Database, { work, now }: { work: string; now: () => number }): Capture {
  database.exec('create temp table changed (of_table text, one text, two text)')
  for (const table of tables) watch(database, table)
  const poolOf = (launchId: string) => {
    const row = database.prepare('select body from launches where launch_id = ?').get(launchId)
    return row && (JSON.parse(String(row.body)) as LaunchRecord).pool
  }

  function changesOf(table: Table, one: string, two: string | undefined): Changed {
    const where = { work, poolOf, now: now() }
    const [first, second] = keysOf[table]
    const row = database
      .prepare(`select * from ${table} where ${first} = ?${second === undefined ? '' : ` and ${second} = ?`}`)
      .get(one, ...(two === undefined ? [] : [two]))
    if (row) return { saved: recordsOf(table, row as Row, where), removed: [] }
    return {
      saved: [],
      removed: refsOf(table, two === undefined ? [one] : [one, two], where).map(({ kind, key }) => ({
        kind,
        key,
      })),
    }
  }

  return {
    isEmpty: () => database.prepare('select 1 from changed limit 1').get() === undefined,
    take() {
      const rows = database.prepare('select distinct of_table, one, two from changed').all()
      const all = rows.map(row =>
        changesOf(
          String(row.of_table) as Table,
          String(row.one),
          row.two === null ? undefined : String(row.two),
        ),
      )
      database.exec('delete from changed')
      return { saved: all.flatMap(({ saved }) => saved), removed: all.flatMap(({ removed }) => removed) }
    },
    quietly(quiet) {
      const before = database.prepare('select coalesce(max(rowid), 0) as last from changed').get()
      quiet()
      database.prepare('delete from changed where rowid > ?').run(Number(before?.last))
    },
  }
}

function watch(database: Database, table: Table): void {
  const [one, two] = keysOf[table]
  const keys = (of: 'new' | 'old') =>
    `'${table}', ${of}.${one}, ${two === undefined ? 'null' : `${of}.${two}`}`
  for (const event of ['insert', 'update', 'delete'] as const) {
    database.exec(
      `create temp trigger ${table}_${event} after ${event} on main.${table}
       begin insert into changed values (${keys(event === 'delete' ? 'old' : 'new')}); end`,
    )
  }
}
