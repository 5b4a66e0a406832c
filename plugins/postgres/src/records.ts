import { type Changes, type RecordKind, recordKinds, type StoredRecord } from '@agentctl/contract'
import type { Session } from './database.ts'
import { schema } from './migrations.ts'

interface Row extends Omit<StoredRecord, 'want' | 'launchId'> {
  readonly want: string | null
  readonly launchId: string | null
}

const columns = `r.kind, r.key, r.subject, r.is_open AS "isOpen", r.at, r.want, r.launch_id AS "launchId", r.body`
const table = `${schema}.records`

function recordOf({ want, launchId, ...row }: Row): StoredRecord {
  return { ...row, ...(want !== null && { want }), ...(launchId !== null && { launchId }) }
}

/** The open records of these subjects. */
export async function loadOpen(
  session: Session,
  owner: string,
  subjects: readonly string[],
): Promise<readonly StoredRecord[]> {
  const rows = await session.query<Row>(
    `SELECT ${columns} FROM ${table} r WHERE r.owner = $1 AND r.is_open AND r.subject = ANY($2)`,
    [owner, subjects],
  )
  return rows.map(recordOf)
}

/** Not by =, for by that the planner, without statistics, takes the index of the key: a look at every such record. */
function isOf(...kinds: readonly RecordKind[]): string {
  return recordKinds
    .filter(kind => !kinds.includes(kind))
    .map(kind => `r.kind <> '${kind}'`)
    .join(' AND ')
}

/**
 * What any of the conditions is true of, with the launches of its units. Each condition is a query of its own: together
 * in one they would be a look at every record. Places of rows are good for one statement.
 */
async function selectWithLaunches(
  session: Session,
  conditions: readonly string[],
  values: readonly unknown[],
): Promise<readonly StoredRecord[]> {
  const found = conditions.map(
    where => `SELECT r.ctid AS place, r.kind, r.launch_id FROM ${table} r WHERE r.owner = $1 AND ${where}`,
  )
  const rows = await session.query<Row>(
    `WITH found AS MATERIALIZED (${found.join(' UNION ALL ')})
     SELECT ${columns} FROM ${table} r WHERE r.ctid = ANY(ARRAY(
       SELECT place FROM found
       UNION
       SELECT r.ctid FROM ${table} r WHERE r.owner = $1 AND ${isOf('launch')}
         AND r.launch_id = ANY(ARRAY(SELECT launch_id FROM found WHERE kind = 'unit'))))`,
    values,
  )
  return rows.map(recordOf)
}

/** Launches and units of these launches, units for these wants, and the launches of those. */
export function recall(
  session: Session,
  owner: string,
  { wants, launchIds }: { readonly wants: readonly string[]; readonly launchIds: readonly string[] },
): Promise<readonly StoredRecord[]> {
  const conditions = [
    `r.launch_id = ANY($2) AND ${isOf('launch', 'unit')}`,
    `r.want = ANY($3) AND ${isOf('unit')}`,
  ]
  return selectWithLaunches(session, conditions, [owner, launchIds, wants])
}

/** Which records `history` begins with, by what it is asked for. */
const asked = {
  since: ['r.is_open', 'NOT r.is_open AND r.at >= $2'],
  jobId: ['r.want = $2'],
  jobPrefix: ['r.want >= $2 AND r.want < $2 || chr(1114111)'],
}

export function history(
  session: Session,
  owner: string,
  wanted: { readonly since: number } | { readonly jobId: string } | { readonly jobPrefix: string },
): Promise<readonly StoredRecord[]> {
  const [[by, value] = ['since', 0]] = Object.entries(wanted)
  return selectWithLaunches(session, asked[by as keyof typeof asked], [owner, value])
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
