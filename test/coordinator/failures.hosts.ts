import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Coordinator, Tenure } from '@agentctl/contract'
import { describe, it } from 'vitest'
import { until } from '../support/cli.ts'
import { type Cluster, databaseOf, missing, password, runProgram, startCluster, user } from './cluster.ts'
import { beating, clock, type Heart, openHost, recordOf, saving, taken, workOn } from './host.ts'
import { startWire } from './wire.ts'

/** Statements that keep what they promise also when the server is stopped as by a crash. */
const durable = { settings: { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' } }

interface Scene extends AsyncDisposable {
  readonly host: Coordinator
  readonly other: Coordinator
  readonly tenure: Tenure
  readonly hearts: readonly Heart[]
}

/** Two hosts that beat; the first holds the only work. */
async function twoHosts(address: string): Promise<Scene> {
  const [host, other] = await Promise.all([openHost(address, 'host'), openHost(address, 'other')])
  const hearts = await Promise.all([beating(host), beating(other)])
  await host.offer([workOn('a')])
  const tenure = await taken(host)
  return {
    ...{ host, other, tenure, hearts },
    async [Symbol.asyncDispose]() {
      await Promise.all(hearts.map(heart => heart.stop()))
      await Promise.all([host, other].map(one => one[Symbol.asyncDispose]()))
    },
  }
}

/** What a call comes to: what it resolves with, or the code and the words of its error. */
async function outcome(
  call: Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string; readonly tookMs: number }> {
  const from = clock.now()
  const answer = await call.then(
    value => ({ code: String(value), message: '' }),
    error => ({ code: String(error.code), message: String(error.message) }),
  )
  return { ...answer, tookMs: clock.now() - from }
}

async function keeps(tenure: Tenure, key: string): Promise<void> {
  await until(
    `${key} is kept`,
    async () => (await outcome(tenure.commit(saving(recordOf(key, 'a'))))).code === 'kept',
    30_000,
  )
}

const isRoot = process.getuid?.() === 0

describe.skipIf(missing !== undefined)(`a database that fails ${missing ?? ''}`, () => {
  it.for(['fast', 'immediate'] as const)(
    'and is restarted (%s) has kept what was committed, and every host keeps what it holds',
    async (mode, { expect }) => {
      await using cluster = await startCluster(durable)
      const address = await cluster.fresh()
      await using scene = await twoHosts(address)
      const { tenure, host, other } = scene
      await keeps(tenure, 'before')
      await cluster.stop(mode)
      const { code, message } = await outcome(tenure.commit(saving(recordOf('meanwhile', 'a'))))
      expect(code).toBe('unavailable')
      expect(message).toContain(`at the database installation_1 on 127.0.0.1:${cluster.port}`)
      // Longer than a silent host lives: after an outage nobody is told dead for it.
      await clock.sleep(7_000)
      await cluster.start()
      await keeps(tenure, 'after')
      const counts = scene.hearts.map(heart => heart.beats.length)
      await until('both beat again', () =>
        scene.hearts.every((heart, index) => heart.beats.length > (counts[index] ?? 0) + 2),
      )
      expect(await tenure.commit({ saved: [], removed: [] })).toBe('kept')
      expect(scene.hearts.flatMap(heart => heart.beats.flatMap(beat => beat.lost))).toEqual([])
      expect((await tenure.load()).map(({ key }) => key).sort()).toEqual(['after', 'before'])
      expect((await Promise.all([host, other].map(one => one.take()))).every(one => one === undefined)).toBe(
        true,
      )
    },
  )

  it('swallows everything: each call says so within its bounds, and goes on when it answers again', async ({
    expect,
  }) => {
    await using cluster = await startCluster()
    const address = await cluster.fresh()
    await using wire = await startWire(cluster.port)
    const through = cluster.address(databaseOf(address), wire.port)
    await using scene = await twoHosts(through)
    const { host, tenure } = scene
    await Promise.all(scene.hearts.map(heart => heart.stop()))
    wire.set('hold')
    const note = saving(recordOf('n', 'a'))
    const calls = await Promise.all(
      [
        tenure.commit(note),
        tenure.load(),
        tenure.grant(1, 1),
        tenure.release(),
        host.take(),
        host.beat({ machines: 0 }),
        host.offer([workOn('a')]),
        host.admit('bucket', { burst: 1, perSecond: 1 }, 1),
        openHost(through, 'third'),
      ].map(outcome),
    )
    expect(calls.map(({ code }) => code)).toEqual(calls.map(() => 'unavailable'))
    // Ten for a free connection, which others wait on, and six for an answer.
    expect(Math.max(...calls.map(({ tookMs }) => tookMs))).toBeLessThan(17_000)
    wire.set('pass')
    wire.cut()
    await keeps(tenure, 'after')
  })

  it('is slow: all goes on, and a beat does not wait for a commit that is stuck', async ({ expect }) => {
    await using cluster = await startCluster()
    const address = await cluster.fresh()
    await using wire = await startWire(cluster.port)
    await using scene = await twoHosts(cluster.address(databaseOf(address), wire.port))
    wire.delay(100)
    await keeps(scene.tenure, 'slowly')
    // Neither the way nor a busy machine is taken for a wrong clock.
    await until(
      'the clocks are found to agree',
      async () => Math.abs((await scene.host.beat({ machines: 0 })).aheadMs) < 100,
    )
    wire.delay(0)
    const blocking = cluster.sql(
      databaseOf(address),
      'BEGIN; LOCK TABLE agentctl.records IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(6); COMMIT',
    )
    await until('the table is locked', async () => {
      const locks = await cluster.sql(
        databaseOf(address),
        "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'agentctl.records'::regclass",
      )
      return locks.length > 0
    })
    const stuck = outcome(scene.tenure.commit(saving(recordOf('stuck', 'a'))))
    const beat = await outcome(scene.host.beat({ machines: 0 }))
    expect(beat).toMatchObject({ code: '[object Object]' })
    expect(beat.tookMs).toBeLessThan(2_000)
    expect(await stuck).toMatchObject({ code: 'unavailable' })
    await blocking
    await keeps(scene.tenure, 'after')
    expect(scene.hearts.flatMap(heart => heart.beats.flatMap(({ lost }) => lost))).toEqual([])
  })

  it('has no connection left: it says so, and goes on when it has', async ({ expect }) => {
    await using cluster = await startCluster()
    const address = await cluster.fresh()
    await using scene = await twoHosts(address)
    await cluster.sql('postgres', `ALTER ROLE ${user} CONNECTION LIMIT 0`)
    await end(cluster)
    const { code, message } = await outcome(openHost(address, 'third'))
    expect([code, message]).toEqual(['unavailable', expect.stringContaining('has no connection left')])
    await cluster.sql('postgres', `ALTER ROLE ${user} CONNECTION LIMIT -1`)
    await keeps(scene.tenure, 'after')
  })

  it('is read-only: it says so, and goes on when it writes again', async ({ expect }) => {
    await using cluster = await startCluster()
    const address = await cluster.fresh()
    await using scene = await twoHosts(address)
    await cluster.sql(
      'postgres',
      `ALTER DATABASE ${databaseOf(address)} SET default_transaction_read_only = on`,
    )
    await end(cluster)
    await until('a commit is told why', async () =>
      (await outcome(scene.tenure.commit(saving(recordOf('n', 'a'))))).message.includes('read-only'),
    )
    expect((await outcome(scene.host.take())).code).toBe('unavailable')
    await cluster.sql('postgres', `ALTER DATABASE ${databaseOf(address)} RESET default_transaction_read_only`)
    await end(cluster)
    await keeps(scene.tenure, 'after')
  })

  it.skipIf(!isRoot)(
    'is full: it says so, keeps what it has, and goes on when there is room',
    async ({ expect }) => {
      await using cluster = await startCluster()
      const small = join(cluster.folder, 'small')
      mkdirSync(small)
      run('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=0777', 'tmpfs', small])
      try {
        mkdirSync(join(small, 'space'))
        run('chown', ['postgres', join(small, 'space')])
        chmodSync(join(small, 'space'), 0o700)
        await cluster.sql('postgres', `CREATE TABLESPACE small LOCATION '${small}/space'`)
        await cluster.sql('postgres', `CREATE DATABASE tight OWNER ${user} TABLESPACE small`)
        await using scene = await twoHosts(cluster.address('tight'))
        const { tenure } = scene
        await keeps(tenure, 'before')
        writeFileSync(join(small, 'filler'), Buffer.alloc(5_000_000))
        let count = 0
        const body = JSON.stringify(Array.from({ length: 20_000 }, () => Math.random()))
        let last = { code: '', message: '' }
        await until('the disk is full', async () => {
          count += 1
          last = await outcome(tenure.commit(saving(recordOf(`big${count}`, 'a', { body }))))
          return last.message.includes('disk is full')
        })
        expect(last.code).toBe('unavailable')
        rmSync(join(small, 'filler'))
        await keeps(tenure, 'after')
        const keys = (await tenure.load()).map(({ key }) => key)
        expect(keys).toContain('before')
        expect(keys).not.toContain(`big${count}`)
      } finally {
        await cluster.stop('immediate')
        run('umount', [small])
      }
    },
  )

  it('fails over to its standby: the hosts keep what they hold', async ({ expect }) => {
    await using primary = await startCluster(durable)
    const address = await primary.fresh()
    await using standby = await startCluster({
      ...durable,
      make: data =>
        runProgram('pg_basebackup', [
          '-D',
          data,
          '-R',
          '-h',
          primary.folder,
          '-p',
          String(primary.port),
          '-U',
          'postgres',
          '-c',
          'fast',
          '-X',
          'stream',
        ]),
    })
    await using wire = await startWire(primary.port)
    await using scene = await twoHosts(primary.address(databaseOf(address), wire.port))
    const { tenure, host } = scene
    await keeps(tenure, 'before')
    await until(
      'the standby has it',
      async () => (await standby.sql(databaseOf(address), 'SELECT 1 FROM agentctl.records')).length === 1,
    )
    await primary.stop('immediate')
    wire.lead(standby.port)
    await until('it is told that a standby takes no writes', async () =>
      (await outcome(tenure.commit(saving(recordOf('meanwhile', 'a'))))).message.includes('read-only'),
    )
    await standby.sql('postgres', 'SELECT pg_promote(true, 30)')
    await keeps(tenure, 'after')
    expect((await tenure.load()).map(({ key }) => key).sort()).toEqual(['after', 'before'])
    expect(await host.take()).toBeUndefined()
  })
})

/** As a server does that ends what it does not want: every connection of the hosts breaks. */
async function end(cluster: Cluster): Promise<void> {
  await cluster.sql(
    'postgres',
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${user}'`,
  )
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} failed: ${stderr.replaceAll(password, '***')}`)
}
