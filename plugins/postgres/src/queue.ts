import type { Log } from '@agentctl/contract'
import type { Database, Session } from './database.ts'
import { bossSchema } from './migrations.ts'

/** A job as it was fetched: whatever names it fails once the job was fetched again. */
export interface Attempt {
  readonly jobId: string
  readonly count: number
}

export interface Fetched extends Attempt {
  readonly work: string
}

/** Works of one owner as jobs of pg-boss: each is queued, or active in the hands of one host. */
export interface WorkQueue {
  readonly name: string
  add(works: readonly string[], session: Session): Promise<void>
  /** Nobody else fetches it before the session's transaction ends, and nobody does after it until it is failed. */
  fetch(session: Session): Promise<Fetched | undefined>
  /**
   * Which of these are still the attempts of active jobs. Their rows are locked until the session's transaction ends,
   * so that nobody can end them before.
   */
  touch(attempts: readonly Attempt[], session: Session): Promise<ReadonlySet<string>>
  /** Which of these are still the attempts of active jobs. Waits for nobody, and locks nothing. */
  live(attempts: readonly Attempt[], session: Session): Promise<ReadonlySet<string>>
  /** Those of them whose rows no other transaction holds; they are locked until the session's ends. */
  free(attempts: readonly Attempt[], session: Session): Promise<ReadonlySet<string>>
  /** Ends these attempts, if they are not over already; the jobs may be fetched again after so long. */
  putBack(attempts: readonly Attempt[], session: Session, afterMs?: number): Promise<void>
  remove(jobIds: readonly string[], session: Session): Promise<void>
  close(): Promise<void>
}

/** The most that pg-boss takes; an attempt that lasts longer is ended, and taken up again within seconds. */
const attemptSeconds = 24 * 60 * 60
/** A second net below the hosts' own beats, for what those do not see. */
const heartbeatSeconds = 60
const superviseSeconds = 30
/** Works are taken up again for ever: no job may fail for good. */
const retriesMax = 2_000_000_000

/** `preparing` has the bounds of changes to tables, and is used until this resolves. */
export async function openQueue(
  owner: string,
  preparing: Database,
  database: Database,
  log: Log,
): Promise<WorkQueue> {
  const { PgBoss } = await import('pg-boss')
  let current: Database = preparing
  const calls = new Set<Promise<unknown>>()
  const boss = new PgBoss({
    db: {
      executeSql(text, values) {
        const call = current.executeSql(text, values)
        calls.add(call)
        return call.finally(() => calls.delete(call))
      },
    },
    schema: bossSchema,
    createSchema: false,
    schedule: false,
    registerInstance: false,
    monitorVacuum: false,
    openTelemetry: { enabled: false },
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    queueCacheIntervalSeconds: 600,
    flowIntervalSeconds: 3_600,
    bamIntervalSeconds: 60,
  })
  boss.on('error', error => log.debug('The job queue could not be looked after', { fault: messageOf(error) }))
  boss.on('warning', ({ message }) => log.debug('The job queue warns', { fault: message }))
  const name = `works/${owner}`
  try {
    await boss.start()
    await boss.createQueue(name, {
      policy: 'exclusive',
      retryLimit: retriesMax,
      retryDelay: 0,
      expireInSeconds: attemptSeconds,
      heartbeatSeconds,
    })
  } catch (error) {
    await boss.stop({ graceful: false })
    throw error
  }
  current = database
  // What it does in the background has begun on the other one, which is closed next.
  await Promise.allSettled(calls)

  return {
    name,
    async add(works, db) {
      const jobs = works.map(work => ({ data: { work }, singletonKey: work }))
      if (jobs.length > 0) await boss.insert(name, jobs, { db })
    },
    async fetch(db) {
      const [job] = await boss.fetch<{ work: string }>(name, { db })
      return job && { work: job.data.work, jobId: job.id, count: job.retryCount }
    },
    async touch(attempts, db) {
      if (attempts.length === 0) return new Set()
      return new Set(settledBy(await boss.touch(name, attempts.map(bossAttempt), { db })))
    },
    live: (attempts, db) => activeOf(name, attempts, db),
    free: (attempts, db) => activeOf(name, attempts, db, 'FOR UPDATE SKIP LOCKED'),
    async putBack(attempts, db, afterMs = 0) {
      if (attempts.length === 0) return
      const settled = settledBy(await boss.fail(name, attempts.map(bossAttempt), null, { db }))
      if (afterMs <= 0) return
      for (const id of settled)
        await boss.update(name, undefined, { id, startAfter: Math.ceil(afterMs / 1000), db })
    },
    async remove(jobIds, db) {
      if (jobIds.length > 0) await boss.deleteJob(name, [...jobIds], { db })
    },
    close: () => boss.stop({ graceful: false }),
  }
}

function bossAttempt({ jobId, count }: Attempt): { id: string; retryCount: number } {
  return { id: jobId, retryCount: count }
}

async function activeOf(
  queue: string,
  attempts: readonly Attempt[],
  session: Session,
  lock = '',
): Promise<ReadonlySet<string>> {
  if (attempts.length === 0) return new Set()
  const rows = await session.query<{ id: string }>(
    `SELECT id FROM ${bossSchema}.job WHERE name = $1 AND state = 'active'
       AND (id, retry_count) IN (SELECT * FROM unnest($2::uuid[], $3::int[])) ${lock}`,
    [queue, attempts.map(({ jobId }) => jobId), attempts.map(({ count }) => count)],
  )
  return new Set(rows.map(({ id }) => id))
}

/** Which jobs the call changed: pg-boss says so without typing it. Without a word of it, none is taken to be ours. */
function settledBy(response: object): readonly string[] {
  return (response as { settled?: readonly string[] }).settled ?? []
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
