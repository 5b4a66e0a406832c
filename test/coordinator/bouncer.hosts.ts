import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { until } from '../support/cli.ts'
import {
  type Cluster,
  databaseOf,
  freePort,
  missing as noDatabase,
  password,
  startCluster,
  user,
} from './cluster.ts'
import { beating, openHost, recordOf, saving, taken, takenWithin, workOn } from './host.ts'

const isThere = spawnSync('pgbouncer', ['--version']).status === 0
if (!isThere && process.env.CI) throw new Error('these tests need pgbouncer: see test/coordinator/setup.sh')
const missing = noDatabase ?? (isThere ? undefined : 'needs pgbouncer')

const ignored = 'statement_timeout,lock_timeout,idle_in_transaction_session_timeout,options'

/** A pooler in front of the cluster, whose files lie with the cluster's. */
async function startBouncer(
  cluster: Cluster,
  settings: readonly string[],
): Promise<AsyncDisposable & { readonly port: number }> {
  const port = await freePort()
  const at = (name: string) => join(cluster.folder, `${name}-${port}`)
  writeFileSync(at('users'), `"${user}" "${password}"\n`)
  const lines = [
    '[databases]',
    `* = host=127.0.0.1 port=${cluster.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = plain',
    `auth_file = ${at('users')}`,
    'default_pool_size = 20',
    ...settings,
  ]
  writeFileSync(at('bouncer.ini'), lines.join('\n'))
  for (const name of ['users', 'bouncer.ini']) chmodSync(at(name), 0o644)
  const asOther = process.getuid?.() === 0 ? ['-u', 'postgres'] : []
  const child = spawn('pgbouncer', ['-q', ...asOther, at('bouncer.ini')], { stdio: 'ignore' })
  const exited = new Promise(resolve => child.once('exit', resolve))
  const listens = () =>
    new Promise<boolean>(resolve => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
  await until('pgbouncer listens', listens)
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

describe.skipIf(missing !== undefined)(`PgBouncer before the database ${missing ?? ''}`, () => {
  it.for(['session', 'transaction'])(
    'with %s pooling lets hosts take, commit and lose',
    async (mode, { expect }) => {
      await using cluster = await startCluster()
      const database = databaseOf(await cluster.fresh())
      await using bouncer = await startBouncer(cluster, [
        `pool_mode = ${mode}`,
        `ignore_startup_parameters = ${ignored}`,
      ])
      const address = cluster.address(database, bouncer.port)
      const [one, other] = await Promise.all([openHost(address, 'one'), openHost(address, 'other')])
      const hearts = await Promise.all([beating(one), beating(other)])
      await one.offer([workOn('a')])
      const tenure = await taken(one)
      expect(await tenure.commit(saving(recordOf('n', 'a')))).toBe('kept')
      expect(await tenure.grant(2, 3)).toBe(2)
      await hearts[0].stop()
      const next = await takenWithin(other, 8_000)
      expect(await next.load()).toHaveLength(1)
      expect(await tenure.commit(saving(recordOf('late', 'a')))).toBe('lost')
      await hearts[1].stop()
      await Promise.all([one, other].map(host => host[Symbol.asyncDispose]()))
    },
  )

  it('says which of its settings is missing', async ({ expect }) => {
    await using cluster = await startCluster()
    const database = databaseOf(await cluster.fresh())
    await using bouncer = await startBouncer(cluster, ['pool_mode = transaction'])
    await expect(openHost(cluster.address(database, bouncer.port), 'host')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('refuses a setting of the connection'),
      hint: expect.stringContaining(`ignore_startup_parameters = ${ignored}`),
    })
  })
})
