import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { contractError, type Scope, scopeKey } from '@agentctl/contract'
import { sqlite } from '../effects/sqlite.ts'
import type {
  Breaker,
  HubLimit,
  LaunchRecord,
  Memory,
  Sighting,
  StockOut,
  UnitRecord,
} from '../fleet/records.ts'
import { schema, schemaVersion } from './schema.ts'

export interface RunRow {
  readonly runId: string
  readonly command: string
  readonly pid: number
  readonly startedAt: number
  readonly seenAt: number
  readonly endedAt: number | undefined
}

/** A provider's scope that was used once: it is swept even after it has left the configuration. */
export interface UsedScope {
  readonly provider: string
  readonly scope: Scope
}

/** What outlives a tick. A cache of intent: without it the cloud's tags still say what is ours. */
export interface Journal extends Disposable {
  /** Open launches and units, and every unit that was ever launched for one of `wants`. */
  memory(wants: readonly string[]): Memory
  /** Before the call that it is about. One transaction, on disk when it returns. */
  save(records: { readonly launches?: readonly LaunchRecord[]; readonly units?: readonly UnitRecord[] }): void
  saveStockOut(stockOut: StockOut): void
  saveBreaker(breaker: Breaker): void
  saveHubLimit(limit: HubLimit): void
  clearHubLimit(agentType: string): void
  sightings(): readonly Sighting[]
  saveSightings(sightings: readonly Sighting[]): void
  rememberScope(used: UsedScope): void
  usedScopes(): readonly UsedScope[]
  saveRun(run: RunRow): void
  runs(): readonly RunRow[]
  /** The units launched by a run, in the order of their launch. */
  unitsOf(runId: string): readonly UnitRecord[]
  /** Removes what has been closed for longer than `keepMs`. */
  prune(before: number): void
}

/**
 * Opens, and makes where there is none, the journal in `folder`.
 * @throws `internal` when the file is corrupt or of a newer version, or the folder cannot be written.
 */
export function openJournal(folder: string, now: () => number): Journal {
  const file = join(folder, 'journal.sqlite')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const database = new (sqlite().DatabaseSync)(file)
    database.exec('pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = full')
    const version = Number(database.prepare('pragma user_version').get()?.user_version ?? 0)
    if (version > schemaVersion)
      throw new Error(`its version is ${version}, this agentctl knows ${schemaVersion}`)
    database.exec(`${schema}; pragma user_version = ${schemaVersion}`)
    return journalOn(database, now)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw contractError('internal', `Cannot use the journal ${file}: ${why}`, {
      cause,
      hint: 'Move the file away to start without it: what runs is found again by its tags.',
    })
  }
}

type Database = InstanceType<ReturnType<typeof sqlite>['DatabaseSync']>

function journalOn(database: Database, now: () => number): Journal {
  const parsed = <T>(rows: readonly unknown[]): readonly T[] =>
    rows.map(row => JSON.parse((row as { body: string }).body) as T)
  const notes = <T>(kind: string) =>
    parsed<T>(database.prepare('select body from notes where kind = ?').all(kind))
  const note = (kind: string, name: string, body: unknown) =>
    void database
      .prepare('insert or replace into notes (kind, name, body) values (?, ?, ?)')
      .run(kind, name, JSON.stringify(body))
  const atomically = (work: () => void) => {
    database.exec('begin immediate')
    try {
      work()
      database.exec('commit')
    } catch (error) {
      database.exec('rollback')
      throw error
    }
  }
  const saveLaunch = database.prepare(
    'insert or replace into launches (launch_id, run_id, is_open, intended_at, body) values (?, ?, ?, ?, ?)',
  )
  const saveUnit = database.prepare(
    'insert or replace into units (launch_id, unit_index, want, is_open, changed_at, body) values (?, ?, ?, ?, ?, ?)',
  )

  return {
    memory(wants) {
      const units = parsed<UnitRecord>(
        database
          .prepare(
            `select body from units where is_open = 1 or want in (select value from json_each(?))
             order by launch_id, unit_index`,
          )
          .all(JSON.stringify(wants)),
      )
      const ids = [...new Set(units.map(unit => unit.launchId))]
      const launches = parsed<LaunchRecord>(
        database
          .prepare(
            'select body from launches where is_open = 1 or launch_id in (select value from json_each(?))',
          )
          .all(JSON.stringify(ids)),
      )
      return {
        launches,
        units,
        stockOuts: notes<StockOut>('stock-out'),
        breakers: notes<Breaker>('breaker'),
        hubLimits: notes<HubLimit>('hub-limit'),
      }
    },
    save({ launches = [], units = [] }) {
      if (launches.length + units.length === 0) return
      atomically(() => {
        for (const one of launches) {
          const isOpen = one.state === 'intended' ? 1 : 0
          saveLaunch.run(one.launchId, one.runId, isOpen, one.intendedAt, JSON.stringify(one))
        }
        for (const one of units) {
          const isOpen = one.phase === 'gone' ? 0 : 1
          saveUnit.run(one.launchId, one.index, one.want, isOpen, now(), JSON.stringify(one))
        }
      })
    },
    saveStockOut: one => note('stock-out', `${one.pool}/${one.offeringId}`, one),
    saveBreaker: one => note('breaker', one.pool, one),
    saveHubLimit: one => note('hub-limit', one.agentType, one),
    clearHubLimit: agentType =>
      void database.prepare(`delete from notes where kind = 'hub-limit' and name = ?`).run(agentType),
    sightings: () => notes<Sighting>('sighting'),
    saveSightings: sightings =>
      atomically(() => {
        database.exec(`delete from notes where kind = 'sighting'`)
        for (const one of sightings) note('sighting', one.key, one)
      }),
    rememberScope: used => note('scope', `${used.provider}/${scopeKey(used.scope)}`, used),
    usedScopes: () => notes<UsedScope>('scope'),
    saveRun: run =>
      void database
        .prepare('insert or replace into runs values (?, ?, ?, ?, ?, ?)')
        .run(run.runId, run.command, run.pid, run.startedAt, run.seenAt, run.endedAt ?? null),
    runs: () => database.prepare('select * from runs').all().map(runOf),
    unitsOf: runId =>
      parsed(
        database
          .prepare(
            `select units.body from units join launches using (launch_id)
             where run_id = ? order by intended_at, unit_index`,
          )
          .all(runId),
      ),
    prune: before =>
      atomically(() => {
        database.prepare('delete from units where is_open = 0 and changed_at < ?').run(before)
        database
          .prepare(
            `delete from launches where is_open = 0 and intended_at < ?
             and launch_id not in (select launch_id from units)`,
          )
          .run(before)
        database.prepare('delete from runs where coalesce(ended_at, seen_at) < ?').run(before)
      }),
    [Symbol.dispose]: () => database.close(),
  }
}

function runOf(row: Record<string, unknown>): RunRow {
  return {
    runId: String(row.run_id),
    command: String(row.command),
    pid: Number(row.pid),
    startedAt: Number(row.started_at),
    seenAt: Number(row.seen_at),
    endedAt: row.ended_at === null ? undefined : Number(row.ended_at),
  }
}
