import type { Work } from '@agentctl/contract'
import { type Context, ownersTurn } from './context.ts'
import type { Session } from './database.ts'
import { bossSchema, schema } from './migrations.ts'

/** How long a work lives that nobody names, and a host that is gone. */
const namedWithin = "interval '10 minutes'"
const seenWithin = "interval '1 day'"
/** Hosts name the same works every few seconds, and one row each is written for all of them. */
const refreshEvery = "interval '20 seconds'"

/** Cheap where nothing changed: three reads. */
export async function offer(
  { deps: { owner }, database, queue }: Context,
  works: readonly Work[],
): Promise<void> {
  await database.use(async session => {
    await name(session, owner, works)
    const missing = await session.query<{ name: string }>(
      `SELECT name FROM ${schema}.works w
       WHERE owner = $1 AND name = ANY($3) AND NOT EXISTS (
         SELECT FROM ${bossSchema}.job j WHERE j.name = $2 AND j.singleton_key = w.name AND j.state <= 'active')`,
      [owner, queue.name, works.map(work => work.name)],
    )
    await queue.add(
      missing.map(work => work.name),
      session,
    )
  })
  const [old] = await database.query<{ isThere: boolean }>(
    `SELECT EXISTS (SELECT FROM ${schema}.works WHERE owner = $1 AND named_at < clock_timestamp() - ${namedWithin})
         OR EXISTS (SELECT FROM ${schema}.hosts WHERE owner = $1 AND seen_at < clock_timestamp() - ${seenWithin}) AS "isThere"`,
    [owner],
  )
  if (old?.isThere) await database.transaction(session => dropOld(session, owner, queue))
}

async function name(session: Session, owner: string, works: readonly Work[]): Promise<void> {
  const rows = works.map(work => ({ name: work.name, subjects: work.subjects }))
  await session.query(
    `INSERT INTO ${schema}.works AS w (owner, name, subjects)
     SELECT $1, x.name, ARRAY(SELECT json_array_elements_text(x.subjects))
     FROM json_to_recordset($2) AS x(name text, subjects json)
     WHERE NOT EXISTS (
       SELECT FROM ${schema}.works t WHERE t.owner = $1 AND t.name = x.name
         AND t.subjects = ARRAY(SELECT json_array_elements_text(x.subjects))
         AND t.named_at > clock_timestamp() - ${refreshEvery})
     ORDER BY x.name
     ON CONFLICT (owner, name) DO UPDATE SET subjects = excluded.subjects, named_at = clock_timestamp()`,
    [owner, JSON.stringify(rows)],
  )
}

/** Works that nobody names and nobody holds, with their jobs and grants; hosts that were seen long ago. */
async function dropOld(session: Session, owner: string, queue: Context['queue']): Promise<void> {
  await session.query(`SELECT ${ownersTurn}`, ['take', owner])
  const old = await session.query<{ name: string; jobs: string[] }>(
    `SELECT w.name, array_remove(array_agg(j.id::text), NULL) AS jobs
     FROM ${schema}.works w
     LEFT JOIN ${bossSchema}.job j ON j.name = $2 AND j.singleton_key = w.name AND j.state <= 'active'
     WHERE w.owner = $1 AND w.named_at < clock_timestamp() - ${namedWithin}
     GROUP BY w.name HAVING coalesce(bool_and(j.state <> 'active'), true)`,
    [owner, queue.name],
  )
  await queue.remove(
    old.flatMap(({ jobs }) => jobs),
    session,
  )
  const names = old.map(work => work.name)
  await session.query(`DELETE FROM ${schema}.works WHERE owner = $1 AND name = ANY($2)`, [owner, names])
  await session.query(`DELETE FROM ${schema}.grants WHERE owner = $1 AND work = ANY($2)`, [owner, names])
  await session.query(
    `DELETE FROM ${schema}.hosts WHERE owner = $1 AND seen_at < clock_timestamp() - ${seenWithin}`,
    [owner],
  )
}
