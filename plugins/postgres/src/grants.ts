import { ownersTurn } from './context.ts'
import type { Session } from './database.ts'
import { schema } from './migrations.ts'

/** Within a transaction: works of one owner ask one after the other, so that together they never get more than `max`. */
export async function grant(
  session: Session,
  owner: string,
  work: string,
  wanted: number,
  max: number,
): Promise<number> {
  await session.query(`SELECT ${ownersTurn}`, ['grant', owner])
  const [row] = await session.query<{ granted: number }>(
    `INSERT INTO ${schema}.grants AS g (owner, work, granted)
     SELECT $1, $2, greatest(0, least($3::int, $4::int - coalesce(sum(granted), 0)::int))
     FROM ${schema}.grants WHERE owner = $1 AND work <> $2
     ON CONFLICT (owner, work) DO UPDATE SET granted = excluded.granted
     RETURNING granted`,
    [owner, work, wanted, max],
  )
  return row?.granted ?? 0
}
