import type { Statements } from './database.ts'
import type { Unchanged } from './unchanged.ts'

export interface RunRow {
  readonly runId: string
  readonly command: string
  readonly pid: number
  readonly startedAt: number
  readonly seenAt: number
  readonly endedAt: number | undefined
}

export interface Runs {
  saveRun(run: RunRow): void
  runs(): readonly RunRow[]
}

export function runsIn(statement: Statements, unchanged: Unchanged): Runs {
  return {
    saveRun: run =>
      void statement('insert or replace into runs values (?, ?, ?, ?, ?, ?)').run(
        run.runId,
        run.command,
        run.pid,
        run.startedAt,
        run.seenAt,
        run.endedAt ?? null,
      ),
    runs: () => unchanged('runs', () => statement('select * from runs order by started_at').all().map(runOf)),
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

/** A run that has not been seen for so long is over, whatever its process id says now. */
const silentMs = 10 * 60_000

export interface RunFacts {
  readonly now: number
  readonly isAlive: (pid: number) => boolean
}

/** Answers whether a run is over: ended, its process gone, or silent for ten minutes. */
export function runsOver(
  journal: Pick<Runs, 'runs'>,
  { now, isAlive }: RunFacts,
): (runId: string) => boolean {
  const live = new Set(
    journal
      .runs()
      .filter(run => run.endedAt === undefined && now - run.seenAt < silentMs && isAlive(run.pid))
      .map(run => run.runId),
  )
  return runId => !live.has(runId)
}
