import type { JobRecord, LaunchRecord, Memory, QueueSample, UnitRecord } from '../fleet/records.ts'
import {
  atomically,
  type Database,
  journalFile,
  openDatabase,
  parsed,
  type Statements,
  statementsOf,
} from './database.ts'
import { type Histories, historiesIn, saveHistory } from './history.ts'
import { type Notes, notesIn } from './notes.ts'
import { type Keeping, prune } from './prune.ts'
import { type Runs, runsIn } from './run.ts'
import { tellingTroubles } from './trouble.ts'
import { unchangedIn } from './unchanged.ts'

/** What is written at once. */
export interface Saved {
  readonly launches?: readonly LaunchRecord[]
  readonly units?: readonly UnitRecord[]
  readonly jobs?: readonly JobRecord[]
  readonly queues?: readonly QueueSample[]
}

interface Records {
  /**
   * Open launches and units, every unit that was ever launched for one of `wants`, and every unit of `launchIds`,
   * such as those that the cloud still shows.
   */
  memory(wants: readonly string[], launchIds?: readonly string[]): Memory
  /** Before the call that it is about. One transaction, on disk when it returns. */
  save(records: Saved): void
  unitsIn(launchId: string): readonly UnitRecord[]
  /** The units launched by a run, in the order of their launch. */
  unitsOf(runId: string): readonly UnitRecord[]
  /** Removes what is old, and what is too much. */
  prune(keeping: Keeping): void
}

/** What outlives a tick. A cache of intent: without it the cloud's tags still say what is ours. */
export interface Journal extends Records, Histories, Notes, Runs, Disposable {
  /**
   * Where hosts share what is written down: resolves when what was saved is safe there, and this host may still act on
   * it. Left out where `save` itself does all that.
   * @throws `unavailable` when that is not so
   */
  readonly commit?: () => Promise<void>
  /** Likewise: reads what the others know of these wants and launches, before `memory` is asked for them. */
  readonly recall?: (wants: readonly string[], launchIds: readonly string[]) => Promise<void>
}

/**
 * Opens, and makes where there is none, the journal in `folder`. Each method, then and later, throws what is wrong
 * with the file.
 * @throws `unavailable` when its disk is full or it cannot be opened, `internal` when it is corrupt or of a newer version
 */
export function openJournal(folder: string, now: () => number): Journal {
  const journal = journalIn(openDatabase(folder), now)
  return { ...tellingTroubles(journalFile(folder), journal), [Symbol.dispose]: journal[Symbol.dispose] }
}

export function journalIn(database: Database, now: () => number): Journal {
  const statement = statementsOf(database)
  const unchanged = unchangedIn(statement)
  const notes = notesIn(database, statement, unchanged)
  const { memory, ...records } = recordsIn(database, statement, notes, now)
  return {
    ...notes,
    ...runsIn(statement, unchanged),
    ...historiesIn(statement, unchanged),
    ...records,
    memory: (...asked) => unchanged(JSON.stringify(['memory', ...asked]), () => memory(...asked)),
    [Symbol.dispose]: () => database.close(),
  }
}

function recordsIn(database: Database, statement: Statements, notes: Notes, now: () => number): Records {
  const select = (sql: string, ...values: readonly string[]) => statement(sql).all(...values)
  return {
    memory(wants, launchIds = []) {
      const units = parsed<UnitRecord>(
        select(
          `select body from units where is_open = 1 or want in (select value from json_each(?))
           or launch_id in (select value from json_each(?)) order by launch_id, unit_index`,
          JSON.stringify(wants),
          JSON.stringify(launchIds),
        ),
      )
      const ids = new Set([...units.map(unit => unit.launchId), ...launchIds])
      const launches = parsed<LaunchRecord>(
        select(
          'select body from launches where is_open = 1 or launch_id in (select value from json_each(?))',
          JSON.stringify([...ids]),
        ),
      )
      return {
        launches,
        units,
        stockOuts: notes.stockOuts(),
        breakers: notes.breakers(),
        hubLimits: notes.hubLimits(),
        acquaintances: notes.acquaintances(),
      }
    },
    save: saved => {
      if (Object.values(saved).some(records => records.length > 0)) save(database, saved, now())
    },
    unitsIn: launchId =>
      parsed(select('select body from units where launch_id = ? order by unit_index', launchId)),
    unitsOf: runId =>
      parsed(
        select(
          `select units.body from units join launches using (launch_id)
           where run_id = ? order by intended_at, unit_index`,
          runId,
        ),
      ),
    prune: keeping => prune(database, keeping),
  }
}

function save(database: Database, { launches = [], units = [], ...history }: Saved, now: number): void {
  const saveLaunch = database.prepare(
    'insert or replace into launches (launch_id, run_id, is_open, intended_at, body) values (?, ?, ?, ?, ?)',
  )
  const saveUnit = database.prepare(
    'insert or replace into units (launch_id, unit_index, want, is_open, changed_at, body) values (?, ?, ?, ?, ?, ?)',
  )
  atomically(database, () => {
    for (const one of launches) {
      const isOpen = one.state === 'intended' ? 1 : 0
      saveLaunch.run(one.launchId, one.runId, isOpen, one.intendedAt, JSON.stringify(one))
    }
    for (const one of units) {
      const isOpen = one.phase === 'gone' ? 0 : 1
      saveUnit.run(one.launchId, one.index, one.want, isOpen, now, JSON.stringify(one))
    }
    saveHistory(database, history, now)
  })
}
