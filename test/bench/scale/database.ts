import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Cluster, startCluster } from '../../coordinator/cluster.ts'

/** What the database has done so far. */
export interface DatabaseCounts {
  readonly commits: number
  readonly rowsRead: number
  readonly rowsWritten: number
  readonly walBytes: number
}

export interface BenchDatabase extends AsyncDisposable {
  readonly address: string
  readonly pid: number
  counts(): Promise<DatabaseCounts>
  connections(): Promise<number>
  /** Statements that took the most time, with how often they ran. */
  statements(): Promise<readonly { readonly query: string; readonly calls: number; readonly ms: number }[]>
  /** Bytes that the records take, with their indexes, and how many there are. */
  records(): Promise<{ readonly bytes: number; readonly count: number }>
}

/** Durable, as users would have it. */
const settings = {
  ...{ fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' },
  ...{ shared_buffers: '256MB', max_connections: '200', max_wal_size: '2GB' },
  ...{ shared_preload_libraries: 'pg_stat_statements' },
}

export async function startDatabase(): Promise<BenchDatabase> {
  const cluster: Cluster = await startCluster({ settings })
  const address = await cluster.fresh()
  const name = new URL(address).pathname.slice(1)
  await cluster.sql(name, 'CREATE EXTENSION pg_stat_statements')
  const pid = Number(readFileSync(join(cluster.folder, 'data', 'postmaster.pid'), 'utf8').split('\n', 1)[0])
  return {
    address,
    pid,
    async counts() {
      const [row] = await cluster.sql<Record<string, string>>(
        name,
        `SELECT xact_commit AS commits, tup_fetched + tup_returned AS read,
           tup_inserted + tup_updated + tup_deleted AS written,
           (SELECT wal_bytes FROM pg_stat_wal) AS wal FROM pg_stat_database WHERE datname = '${name}'`,
      )
      const of = (key: string) => Number(row?.[key] ?? 0)
      return { commits: of('commits'), rowsRead: of('read'), rowsWritten: of('written'), walBytes: of('wal') }
    },
    async connections() {
      const [row] = await cluster.sql<{ count: string }>(
        name,
        `SELECT count(*) FROM pg_stat_activity WHERE usename = 'agentctl'`,
      )
      return Number(row?.count ?? 0)
    },
    statements: async () =>
      cluster.sql(
        name,
        `SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 160) AS query, calls::float8, total_exec_time AS ms
         FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 20`,
      ),
    async records() {
      const [row] = await cluster.sql<{ bytes: string; count: string }>(
        name,
        `SELECT pg_total_relation_size('agentctl.records') AS bytes, (SELECT count(*) FROM agentctl.records) AS count`,
      )
      return { bytes: Number(row?.bytes ?? 0), count: Number(row?.count ?? 0) }
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}
