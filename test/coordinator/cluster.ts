import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { until } from '../support/cli.ts'

const bin = dirname(globSync('/usr/lib/postgresql/*/bin/initdb').sort().at(-1) ?? '/none/initdb')
const isThere = existsSync(join(bin, 'initdb'))
if (!isThere && process.env.CI) throw new Error('these tests need PostgreSQL: see test/coordinator/setup.sh')

/** Why tests with a database are skipped; undefined where PostgreSQL is there. */
export const missing = isThere ? undefined : 'needs postgresql'

export const user = 'agentctl'
export const password = 'p%ss/w0rd'

/** `fast`: connections are closed, then it stops; `immediate`: as after a crash. */
export type StopMode = 'fast' | 'immediate'

export interface Cluster extends AsyncDisposable {
  readonly folder: string
  readonly port: number
  /** Of a new database of its own, which the user may make schemas in. */
  fresh(): Promise<string>
  address(database: string, through?: number): string
  /** As the superuser. */
  sql<Row extends object = Record<string, unknown>>(database: string, text: string): Promise<readonly Row[]>
  stop(mode: StopMode): Promise<void>
  start(): Promise<void>
}

interface ClusterOptions {
  /** Of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>
  /** Where its files are. @default a new temporary folder */
  readonly folder?: string
  /** Makes the files, in place of initdb. */
  readonly make?: (data: string) => void
}

/** Not durable unless a setting says so: what a restart keeps is the subject of few tests. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '16MB',
  max_connections: '100',
  log_min_messages: 'fatal',
}

/** PostgreSQL refuses root, so it runs as the user that its package made. */
const account = process.getuid?.() === 0 ? idsOf('postgres') : undefined

function idsOf(name: string): { readonly uid: number; readonly gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find(one => one.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined
}

/** Runs one of PostgreSQL's programs to its end. */
export function runProgram(program: string, args: readonly string[], env: Record<string, string> = {}): void {
  const { status, stderr } = spawnSync(join(bin, program), args, {
    ...account,
    cwd: '/',
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`)
}

/** What a database of an address is called. */
export function databaseOf(address: string): string {
  return new URL(address).pathname.slice(1)
}

/** A cluster of its own on a free port of loopback; its files go with it. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'agentctl-postgres-'))
  if (account) chownSync(folder, account.uid, account.gid)
  const data = join(folder, 'data')
  const port = await freePort()
  const make = options.make ?? (at => initialise(folder, at))
  make(data)
  const lines = Object.entries({ ...settings, ...options.settings, unix_socket_directories: folder })
  writeFileSync(
    join(data, 'postgresql.auto.conf'),
    `${lines.map(([key, value]) => `${key} = '${value}'`).join('\n')}\n`,
    { flag: 'a' },
  )
  let child = await launch(data, port)
  let count = 0
  const stop = async (mode: StopMode) => {
    const exited = new Promise(resolve => child.once('exit', resolve))
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await exited
  }
  const cluster: Cluster = {
    folder,
    port,
    address: (database, through = port) =>
      `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${through}/${database}`,
    async fresh() {
      count += 1
      const name = `installation_${count}`
      await cluster.sql('postgres', `CREATE DATABASE ${name} OWNER ${user}`)
      return cluster.address(name)
    },
    sql: (database, text) => ask(folder, port, database, text),
    stop,
    async start() {
      child = await launch(data, port)
      await until('the database answers again', () => answers(folder, port), 30_000)
    },
    async [Symbol.asyncDispose]() {
      await stop('immediate')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  try {
    await until('the database answers', () => answers(folder, port), 30_000)
    const [role] = await cluster.sql('postgres', `SELECT 1 AS yes FROM pg_roles WHERE rolname = '${user}'`)
    if (!role) await cluster.sql('postgres', `CREATE ROLE ${user} LOGIN PASSWORD '${password}'`)
  } catch (error) {
    await cluster[Symbol.asyncDispose]()
    throw error
  }
  return cluster
}

/** The superuser comes by the socket, everybody else with a password. */
function initialise(folder: string, data: string): void {
  runProgram('initdb', [
    ...['-D', data, '-U', 'postgres', '--no-sync', '--locale=C.UTF-8', '--encoding=UTF8'],
    ...['--auth-local=trust', '--auth-host=scram-sha-256'],
  ])
  if (!existsSync(folder)) throw new Error('initdb made nothing')
}

async function launch(data: string, port: number): Promise<ChildProcess> {
  const server = [join(bin, 'postgres'), '-D', data, '-p', String(port), '-h', '127.0.0.1']
  // It ends with the tests, however those end.
  const child = spawn('setpriv', ['--pdeathsig', 'QUIT', ...server], {
    ...account,
    cwd: '/',
    stdio: 'ignore',
  })
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  return child
}

async function ask<Row extends object>(
  socket: string,
  port: number,
  database: string,
  text: string,
): Promise<readonly Row[]> {
  const client = new pg.Client({
    host: socket,
    port,
    user: 'postgres',
    database,
    connectionTimeoutMillis: 30_000,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

function answers(socket: string, port: number): Promise<boolean> {
  return ask(socket, port, 'postgres', 'SELECT 1').then(
    () => true,
    () => false,
  )
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
