import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { contractError } from '@agentctl/contract'
import { pauseSync } from '../effects/clock.ts'
import { sqlite } from '../effects/sqlite.ts'
import { messageOf } from '../errors/message.ts'
import { schema, schemaVersion } from './schema.ts'
import { troubleWith } from './trouble.ts'

export type Database = InstanceType<ReturnType<typeof sqlite>['DatabaseSync']>

/** Longest wait for another process's commit. Unit: milliseconds. */
const busyMs = 5_000
const pauseMs = 20

/** The statement of that text; each is prepared once, for a tick asks the same dozen questions again and again. */
export type Statements = (sql: string) => ReturnType<Database['prepare']>

export function statementsOf(database: Database): Statements {
  const known = new Map<string, ReturnType<Database['prepare']>>()
  return sql => {
    const statement = known.get(sql) ?? database.prepare(sql)
    known.set(sql, statement)
    return statement
  }
}

export function journalFile(folder: string): string {
  return join(folder, 'journal.sqlite')
}

/**
 * Opens, and makes where there is none, the journal's file.
 * @throws `unavailable` when its disk is full or it cannot be opened, `internal` when it is no journal
 */
export function openDatabase(folder: string): Database {
  const file = journalFile(folder)
  let database: Database | undefined
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    database = new (sqlite().DatabaseSync)(file)
    database.exec(`pragma busy_timeout = ${busyMs}`)
    enterWal(database)
    database.exec('pragma synchronous = full')
    prepare(database)
    return database
  } catch (cause) {
    database?.close()
    const hint = 'Move the file away to start without it: what runs is found again by its tags.'
    throw (
      troubleWith(file, cause) ??
      contractError('internal', `Cannot use ${file}: ${messageOf(cause)}`, { cause, hint })
    )
  }
}

/** Of two processes that make a new file at once, SQLite refuses one without waiting, whatever the busy timeout. */
function enterWal(database: Database): void {
  for (let leftMs = busyMs; ; leftMs -= pauseMs) {
    try {
      database.exec('pragma journal_mode = wal')
      return
    } catch (error) {
      if (leftMs <= 0 || !isBusy(error)) throw error
      pauseSync(pauseMs)
    }
  }
}

/** Whether somebody else has it, by SQLite's primary result code. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === 5
}

/** Makes its tables, where it has none. */
export function prepare(database: Database): void {
  const version = Number(database.prepare('pragma user_version').get()?.user_version ?? 0)
  if (version > schemaVersion)
    throw new Error(`its version is ${version}, this agentctl knows ${schemaVersion}`)
  if (version === schemaVersion) return
  atomically(database, () => database.exec(`${schema}; pragma user_version = ${schemaVersion}`))
}

/** All of it, on disk when it returns, or nothing. */
export function atomically(database: Database, work: () => void): void {
  database.exec('begin immediate')
  try {
    work()
    database.exec('commit')
  } catch (error) {
    try {
      database.exec('rollback')
    } catch {
      // A full disk has ended it already.
    }
    throw error
  }
}

/** The records in rows with a `body`. */
export function parsed<T>(rows: readonly unknown[]): readonly T[] {
  return rows.map(row => JSON.parse((row as { body: string }).body) as T)
}
