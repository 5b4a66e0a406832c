import type { Rate } from '@agentctl/contract'
import type { Database } from './database.ts'
import { schema } from './migrations.ts'

/** Milliseconds by the database's clock, and the tokens that a bucket has then. */
const current = `SELECT now, least($2::float8, tokens + greatest(0, now - at) / 1000 * $3::float8) AS have
  FROM (SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now) AS clock`

/** Its rate is of whoever asks; a bucket that is new is full. One statement, by which the row is locked. */
const admitting = `UPDATE ${schema}.buckets SET (tokens, at, wait_ms) = (
    SELECT CASE WHEN wait <= $4::float8 THEN have - 1 ELSE tokens END,
           CASE WHEN wait <= $4::float8 THEN now ELSE at END,
           wait
    FROM (SELECT now, have, ceil(greatest(0, 1 - have) / $3::float8 * 1000) AS wait FROM (${current}) AS c) AS w)
  WHERE name = $1 RETURNING wait_ms AS "waitMs"`

/** The next token comes after so long, and not before those promised already. */
const throttling = `UPDATE ${schema}.buckets SET (tokens, at) = (
    SELECT least(0, 1 - $4::float8 / 1000 * $3::float8, have), now FROM (${current}) AS c)
  WHERE name = $1 RETURNING 0 AS "waitMs"`

const filling = `INSERT INTO ${schema}.buckets (name, tokens, at)
  VALUES ($1, $2, extract(epoch FROM clock_timestamp())::float8 * 1000) ON CONFLICT DO NOTHING`

async function onBucket(
  database: Database,
  statement: string,
  bucket: string,
  { burst, perSecond }: Rate,
  ms: number,
): Promise<number> {
  const values = [bucket, burst, perSecond, ms]
  const [first] = await database.query<{ waitMs: number }>(statement, values)
  if (first) return first.waitMs
  await database.query(filling, [bucket, burst])
  const [second] = await database.query<{ waitMs: number }>(statement, values)
  return second?.waitMs ?? 0
}

/** How long to wait for the token that was taken; of one that is further away than `waitMsMax`, which was not. */
export function admit(database: Database, bucket: string, rate: Rate, waitMsMax: number): Promise<number> {
  return onBucket(database, admitting, bucket, rate, finite(waitMsMax))
}

export async function throttled(
  database: Database,
  bucket: string,
  rate: Rate,
  retryAfterMs: number,
): Promise<void> {
  await onBucket(database, throttling, bucket, rate, finite(retryAfterMs))
}

/** PostgreSQL spells infinity in its own way. */
function finite(ms: number): number {
  return Math.min(ms, Number.MAX_SAFE_INTEGER)
}
