import type { JobRecord, LaunchRecord, QueueSample, UnitRecord } from '../fleet/records.ts'
import { type Database, parsed, type Statements } from './database.ts'
import type { Unchanged } from './unchanged.ts'

/** All that is known of a time, as it was written down. */
export interface HistoryRecords {
  readonly launches: readonly LaunchRecord[]
  readonly units: readonly UnitRecord[]
  readonly jobs: readonly JobRecord[]
  readonly queues: readonly QueueSample[]
}

export interface Histories {
  /** Jobs that have not left their queue, and those of `ids`. */
  jobs(ids: readonly string[]): readonly JobRecord[]
  /** Of jobs that are written down, those whose id begins so; twenty at most. */
  jobIds(prefix: string): readonly string[]
  /** The latest of each agent type. */
  lastQueues(): readonly QueueSample[]
  /** What is open, or changed since then; of one job alone where that is named, whenever it was. */
  history(wanted: { readonly since: number } | { readonly jobId: string }): HistoryRecords
}

export function historiesIn(statement: Statements, unchanged: Unchanged): Histories {
  const queues = (sql: string, ...values: readonly number[]) =>
    statement(sql)
      .all(...values)
      .map(sampleOf)
  const bodies = <T>(sql: string, ...values: readonly (string | number)[]) =>
    parsed<T>(statement(sql).all(...values))
  return {
    jobs: ids =>
      unchanged(JSON.stringify(['jobs', ...ids]), () =>
        bodies(
          'select body from jobs where is_open = 1 or job_id in (select value from json_each(?))',
          JSON.stringify(ids),
        ),
      ),
    jobIds: prefix =>
      statement(
        `select job_id as id from jobs where substr(job_id, 1, length(?1)) = ?1 union
         select want as id from units where substr(want, 1, length(?1)) = ?1 limit 20`,
      )
        .all(prefix)
        .map(row => String(row.id)),
    lastQueues: () =>
      unchanged('queues', () =>
        queues('select agent_type, max(at) as at, queued, running from queues group by agent_type'),
      ),
    history(wanted) {
      const units =
        'since' in wanted
          ? bodies<UnitRecord>(
              'select body from units where is_open = 1 or changed_at >= ? order by launch_id, unit_index',
              wanted.since,
            )
          : bodies<UnitRecord>(
              'select body from units where want = ? order by launch_id, unit_index',
              wanted.jobId,
            )
      const launchIds = [...new Set(units.map(unit => unit.launchId))]
      return {
        units,
        launches: bodies(
          'select body from launches where launch_id in (select value from json_each(?)) order by intended_at',
          JSON.stringify(launchIds),
        ),
        jobs:
          'since' in wanted
            ? bodies('select body from jobs where is_open = 1 or changed_at >= ?', wanted.since)
            : bodies('select body from jobs where job_id = ?', wanted.jobId),
        queues:
          'since' in wanted ? queues('select * from queues where at >= ? order by at', wanted.since) : [],
      }
    },
  }
}

function sampleOf(row: Record<string, unknown>): QueueSample {
  return {
    agentType: String(row.agent_type),
    at: Number(row.at),
    queued: Number(row.queued),
    ...(row.running !== null && { running: Number(row.running) }),
  }
}

/** In the transaction that it is called in. */
export function saveHistory(
  database: Database,
  { jobs = [], queues = [] }: Partial<Pick<HistoryRecords, 'jobs' | 'queues'>>,
  now: number,
): void {
  const saveJob = database.prepare('insert or replace into jobs values (?, ?, ?, ?)')
  for (const one of jobs) saveJob.run(one.jobId, one.leftAt === undefined ? 1 : 0, now, JSON.stringify(one))
  const saveQueue = database.prepare('insert or replace into queues values (?, ?, ?, ?)')
  for (const { agentType, at, queued, running } of queues)
    saveQueue.run(agentType, at, queued, running ?? null)
}
