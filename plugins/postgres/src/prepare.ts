import { contractError } from '@agentctl/contract'
import type { Database, Session } from './database.ts'
import { codeOf } from './errors.ts'
import { bossSchema, migrations, ownVersion, schema } from './migrations.ts'

interface Found {
  readonly version: number
  readonly oldestUser: number
}

const createSchemas = `CREATE SCHEMA IF NOT EXISTS ${schema} AUTHORIZATION USER; CREATE SCHEMA IF NOT EXISTS ${bossSchema} AUTHORIZATION USER`

/**
 * Makes the tables, or brings them up to this version; one that is newer and still admits this one stays as it is.
 * Hosts that start together take turns. @throws `unsupported`, `permission-denied`, the driver's errors
 */
export async function prepare(database: Database): Promise<void> {
  if (isCurrent(await found(database))) return
  try {
    await database.transaction(migrate)
  } catch (error) {
    if (codeOf(error) !== '42501') throw error
    throw contractError('permission-denied', 'The user of the coordinator may not make its schemas', {
      hint: `An administrator of the database runs, with the name of the user: ${createSchemas}`,
      cause: new Error(error instanceof Error ? error.message : String(error)),
    })
  }
}

async function migrate(session: Session): Promise<void> {
  await session.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${schema} schema`])
  const before = await found(session)
  if (isCurrent(before)) return
  for (const name of [schema, bossSchema]) await makeSchema(session, name)
  await session.query(
    `CREATE TABLE IF NOT EXISTS ${schema}.schema_version (version int PRIMARY KEY, oldest_user int NOT NULL)`,
  )
  for (const { version, oldestUser, sql } of migrations) {
    if (version <= (before?.version ?? 0)) continue
    await session.query(sql)
    await session.query(`INSERT INTO ${schema}.schema_version VALUES ($1, $2)`, [version, oldestUser])
  }
}

/** Not by IF NOT EXISTS, which wants the right to make schemas even where there is nothing to make. */
async function makeSchema(session: Session, name: string): Promise<void> {
  const rows = await session.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [name])
  if (rows.length === 0) await session.query(`CREATE SCHEMA ${name}`)
}

async function found(session: Session): Promise<Found | undefined> {
  // Not by to_regclass, which answers from what this connection remembers of before it waited for its turn.
  const tables = await session.query('SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = $2', [
    schema,
    'schema_version',
  ])
  if (tables.length === 0) return undefined
  const [row] = await session.query<Found>(
    `SELECT version, oldest_user AS "oldestUser" FROM ${schema}.schema_version ORDER BY version DESC LIMIT 1`,
  )
  return row
}

/** @throws `unsupported` */
function isCurrent(before: Found | undefined): boolean {
  if (!before || before.version < ownVersion) return false
  if (before.oldestUser <= ownVersion) return true
  throw contractError(
    'unsupported',
    `The coordinator's tables have version ${before.version}, which wants hosts of version ${before.oldestUser} on; this one has ${ownVersion}`,
    { hint: 'Update agentctl and its plugin @agentctl/coordinator-postgres on this host.' },
  )
}
