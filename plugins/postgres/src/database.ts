import { Socket } from 'node:net'
import type { Pool, PoolClient, PoolConfig } from 'pg'
import type { Address } from './address.ts'

/** Where statements go: a connection of its own, or a transaction on one. */
export interface Session {
  query<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
  /** As pg-boss asks: the driver's own answer. */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
}

export interface Database extends Session {
  /** On one connection. */
  use<Result>(act: (session: Session) => Promise<Result>): Promise<Result>
  /** Nothing of it is kept when `act` throws. */
  transaction<Result>(act: (session: Session) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** Bounds of one connection. Unit: milliseconds. */
export interface Bounds {
  readonly connectionsMax: number
  readonly lockMs: number
  readonly statementMs: number
  /** Includes the way there and back; longer than a statement may take. */
  readonly answerMs: number
}

const connectMs = 3_000
/** For a free connection, where many works are committed at once. */
const waitMs = 10_000
/** A host that stops in the middle of a transaction holds its rows so long: a part of the time of a takeover. */
const idleInTransactionMs = 2_500
/** The server notices within half a minute that a host is gone, and frees its connections. */
const keepalives = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4'

/** Opens no connection yet. `broken`: told of idle connections that break, which are replaced when needed. */
export async function databaseAt(
  address: Address,
  { connectionsMax, lockMs, statementMs, answerMs }: Bounds,
  broken: (error: unknown) => void,
): Promise<Database> {
  const { default: pg } = await import('pg')
  const sockets = new Set<Socket>()
  const config: PoolConfig = {
    connectionString: address.connectionString,
    application_name: 'agentctl',
    max: connectionsMax,
    connectionTimeoutMillis: waitMs,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    query_timeout: answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: keepalives,
    stream: () => {
      const socket = new Socket()
      sockets.add(socket)
      return socket.once('close', () => sockets.delete(socket))
    },
    // The pool has one bound for waiting and connecting; connecting is to be noticed sooner.
    Client: class extends pg.Client {
      constructor(given?: PoolConfig) {
        super({ ...given, connectionTimeoutMillis: connectMs })
      }
    },
  }
  const pool = new pg.Pool(config)
  pool.on('error', broken)
  return { ...databaseOf(pool), close: () => close(pool, sockets) }
}

function databaseOf(pool: Pool): Omit<Database, 'close'> {
  const use: Database['use'] = act => withClient(pool, client => act(sessionOf(client)))
  return {
    use,
    query: (text, values) => use(session => session.query(text, values)),
    executeSql: (text, values) => use(session => session.executeSql(text, values)),
    transaction: act =>
      use(async session => {
        await session.query('BEGIN')
        const result = await act(session)
        await commit(session)
        return result
      }),
  }
}

/** The server answers COMMIT with ROLLBACK when a statement failed whose error was swallowed. */
async function commit(session: Session): Promise<void> {
  const { command } = (await session.executeSql('COMMIT')) as { command?: string }
  if (command !== 'COMMIT') throw new Error('The transaction was rolled back')
}

function sessionOf(client: PoolClient): Session {
  return {
    query: async (text, values) => (await client.query(text, values && [...values])).rows,
    executeSql: (text, values) => client.query(text, values),
  }
}

/** A connection on which anything failed is dropped: what state it is in is not known, and its transaction ends. */
async function withClient<Result>(pool: Pool, act: (client: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect()
  // One that breaks between two statements says so by an event, which nobody else hears.
  const ignore = () => {}
  client.on('error', ignore)
  let isWhole = false
  try {
    const result = await act(client)
    isWhole = true
    return result
  } finally {
    client.off('error', ignore)
    client.release(!isWhole)
  }
}

/** A connection into a network that swallows everything never closes by itself. */
async function close(pool: Pool, sockets: ReadonlySet<Socket>): Promise<void> {
  const ended = pool.end()
  for (const socket of sockets) socket.destroySoon()
  await ended
}
