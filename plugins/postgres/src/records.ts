import type { Changes, StoredRecord } from '@agentctl/contract'
import type { Session } from './database.ts'
import { schema } from './migrations.ts'

interface Row extends Omit<StoredRecord, 'want' | 'launchId'> {
  readonly want: string | null
  readonly launchId: string | null
}

const columns = `r.kind, r.key, r.subject, r.is_open AS "isOpen", r.at, r.want, r.launch_id AS "launchId", r.body`
const table = `${schema}.records`

async function select(
  session: Session,
  where: string,
  values: readonly unknown[],
): Promise<readonly StoredRecord[]> {
  const rows = await session.query<Row>(`SELECT ${columns} FROM ${table} r WHERE ${where}`, values)
  return rows.map(recordOf)
}

function recordOf({ want, launchId, ...row }: Row): StoredRecord {
  return { ...row, ...(want !== null && { want }), ...(launchId !== null && { launchId }) }
}

/** The open records of these subjects. */
export function loadOpen(
  session: Session,
  owner: string,
  subjects: readonly string[],
): Promise<readonly StoredRecord[]> {
  return select(session, 'r.owner = $1 AND r.is_open AND r.subject = ANY($2)', [owner, subjects])
}

/**
 * Launches and units of these launches, units for these wants, and the launches of those. Written so that the planner
 * takes the indexes of launches and wants, also in a table that it has no statistics of: of a subquery within OR it
 * makes a look at every record, and by the index of the key one at every record of a kind.
 */
export function recall(
  session: Session,
  owner: string,
  { wants, launchIds }: { readonly wants: readonly string[]; readonly launchIds: readonly string[] },
): Promise<readonly StoredRecord[]> {
  return select(
    session,
    `r.owner = $1 AND (
      r.launch_id = ANY($3)
      OR (r.kind <> 'job' AND r.want = ANY($2))
      OR (r.kind <> 'unit' AND r.launch_id = ANY(ARRAY(
        SELECT u.launch_id FROM ${table} u WHERE u.owner = $1 AND u.kind <> 'job' AND u.want = ANY($2)))))`,
    [owner, wants, launchIds],
  )
}

/** Which records `history` begins with, by what it is asked for. */
const asked = {
  since: 'r.owner = $1 AND (r.is_open OR r.at >= $2)',
  jobId: 'r.owner = $1 AND r.want = $2',
  jobPrefix: `r.owner = $1 AND r.want >= $2 AND r.want < $2 || chr(1114111)`,
}

/** With the launches of all units that are in it. */
export function history(
  session: Session,
  owner: string,
  wanted: { readonly since: number } | { readonly jobId: string } | { readonly jobPrefix: string },
): Promise<readonly StoredRecord[]> {
  const [[by, value] = ['since', 0]] = Object.entries(wanted)
  const first = asked[by as keyof typeof asked]
  return select(
    session,
    `(${first}) OR (r.owner = $1 AND r.kind = 'launch' AND r.launch_id = ANY(ARRAY(
      SELECT u.launch_id FROM ${table} u WHERE u.kind = 'unit' AND ${first.replaceAll('r.', 'u.')})))`,
    [owner, value],
  )
}

/** In one statement each: hundreds of records cost as many round trips as one. */
export async function write(session: Session, owner: string, { saved, removed }: Changes): Promise<void> {
  if (removed.length > 0) await remove(session, owner, removed)
  if (saved.length > 0) await save(session, owner, saved)
}

async function remove(session: Session, owner: string, removed: Changes['removed']): Promise<void> {
  await session.query(
    `DELETE FROM ${table} WHERE owner = $1 AND (kind, key) IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
    [owner, removed.map(({ kind }) => kind), removed.map(({ key }) => key)],
  )
}

/** Rows are locked in one order by all, so that two commits never wait for each other. */
async function save(session: Session, owner: string, saved: Changes['saved']): Promise<void> {
  await session.query(
    `INSERT INTO ${table} (owner, kind, key, subject, is_open, at, want, launch_id, body)
     SELECT $1, * FROM unnest(
       $2::text[], $3::text[], $4::text[], $5::boolean[], $6::float8[], $7::text[], $8::text[], $9::text[])
       AS x(kind, key, subject, is_open, at, want, launch_id, body)
     ORDER BY x.kind, x.key
     ON CONFLICT (owner, kind, key) DO UPDATE SET subject = excluded.subject, is_open = excluded.is_open,
       at = excluded.at, want = excluded.want, launch_id = excluded.launch_id, body = excluded.body`,
    [
      owner,
      saved.map(({ kind }) => kind),
      saved.map(({ key }) => key),
      saved.map(({ subject }) => subject),
      saved.map(({ isOpen }) => isOpen),
      saved.map(({ at }) => at),
      saved.map(({ want }) => want ?? null),
      saved.map(({ launchId }) => launchId ?? null),
      saved.map(({ body }) => body),
    ],
  )
}

/** At most `limit` of the closed ones that did not change since. Returns how many. */
export async function forgetSome(
  session: Session,
  owner: string,
  subjects: readonly string[],
  before: number,
  limit: number,
): Promise<number> {
  const rows = await session.query(
    `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
       SELECT ctid FROM ${table} WHERE owner = $1 AND subject = ANY($2) AND NOT is_open AND at < $3 LIMIT $4))
     RETURNING 1`,
    [owner, subjects, before, limit],
  )
  return rows.length
}
