import type { HostSeen } from '@agentctl/contract'
import { type Context, silenceMsMax } from './context.ts'
import { bossSchema, schema } from './migrations.ts'

/** Those seen within a day, the oldest life first. */
export async function hosts({ deps: { owner }, database, queue }: Context): Promise<readonly HostSeen[]> {
  const rows = await database.query<Omit<HostSeen, 'stoppedAt'> & { readonly stoppedAt: number | null }>(
    `SELECT h.host, h.version, h.machines, h.ahead_ms AS "aheadMs",
       extract(epoch FROM h.started_at)::float8 * 1000 AS "startedAt",
       extract(epoch FROM h.seen_at)::float8 * 1000 AS "seenAt",
       extract(epoch FROM h.stopped_at)::float8 * 1000 AS "stoppedAt",
       h.stopped_at IS NULL AND h.seen_at > clock_timestamp() - interval '${silenceMsMax} milliseconds' AS "isAlive",
       EXISTS (SELECT FROM ${schema}.drains d WHERE d.owner = $1 AND d.host = h.host) AS "isDraining",
       (SELECT coalesce(json_agg(json_build_object('name', w.name, 'subjects', w.held) ORDER BY w.name), '[]')
          FROM ${schema}.works w
          JOIN ${bossSchema}.job j ON j.name = $2 AND j.id = w.job_id AND j.state = 'active' AND j.retry_count = w.attempt
          WHERE w.owner = $1 AND w.life = h.life) AS works
     FROM ${schema}.hosts h
     WHERE h.owner = $1 AND h.seen_at > clock_timestamp() - interval '1 day'
     ORDER BY h.started_at, h.life`,
    [owner, queue.name],
  )
  return rows.map(({ stoppedAt, ...host }) => (stoppedAt === null ? host : { ...host, stoppedAt }))
}

/** Kept by the host's name, so that it holds for its next life too. */
export async function drain(
  { deps: { owner }, database }: Context,
  host: string,
  isDraining: boolean,
): Promise<boolean> {
  const [known] = await database.query<{ isKnown: boolean }>(
    `SELECT EXISTS (SELECT FROM ${schema}.hosts WHERE owner = $1 AND host = $2)
         OR EXISTS (SELECT FROM ${schema}.drains WHERE owner = $1 AND host = $2) AS "isKnown"`,
    [owner, host],
  )
  if (!known?.isKnown) return false
  const statement = isDraining
    ? `INSERT INTO ${schema}.drains (owner, host) VALUES ($1, $2) ON CONFLICT DO NOTHING`
    : `DELETE FROM ${schema}.drains WHERE owner = $1 AND host = $2`
  await database.query(statement, [owner, host])
  return true
}
