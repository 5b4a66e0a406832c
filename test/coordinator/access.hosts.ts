import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Cluster, databaseOf, missing, password, startCluster, user } from './cluster.ts'
import { openHost, recordOf, saving, taken, workOn } from './host.ts'

describe.skipIf(missing !== undefined)(`access to a database ${missing ?? ''}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const refused = (address: string) =>
    openHost(address, 'host').then(
      () => {
        throw new Error('it was opened')
      },
      error => error as { code: string; message: string; hint?: string },
    )

  it('is refused with what to do about it, and without the password', async ({ expect }) => {
    const address = await cluster.fresh()
    const wrong = 'not-the-pass'
    const cases = [
      [address.replace(encodeURIComponent(password), wrong), 'unauthenticated', /does not let this user in/],
      [address.replace(`//${user}:`, '//nobody:'), 'unauthenticated', /does not let this user in/],
      [address.replace(databaseOf(address), 'nowhere'), 'invalid-spec', /there is no such database/],
      [address.replace(`:${cluster.port}/`, ':1/'), 'unavailable', /no database listens there/],
      [address.replace('127.0.0.1', 'no.such.host.invalid'), 'unavailable', /host cannot be reached/],
      [`${address}?sslmode=require`, 'unauthenticated', /does not speak TLS/],
      [address.replace('postgres:', 'mysql:'), 'invalid-spec', /none of a PostgreSQL database/],
      [address.replace('127.0.0.1', '127.0.0.1:x,other'), 'invalid-spec', /none of a PostgreSQL database/],
    ] as const
    for (const [at, code, words] of cases) {
      const error = await refused(at)
      expect(error).toMatchObject({ code, message: expect.stringMatching(words) })
      const all = inspect(error, { depth: 20, showHidden: true })
      for (const secret of [password, encodeURIComponent(password), wrong]) expect(all).not.toContain(secret)
    }
  })

  it('leaves no password in a line, nor in the arguments of a process', async ({ expect }) => {
    const lines: string[] = []
    const address = await cluster.fresh()
    const host = await openHost(address, 'host', { lines })
    await host.beat({ machines: 0 })
    await cluster.sql(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${databaseOf(address)}'`,
    )
    await host[Symbol.asyncDispose]()
    expect(lines.join('\n')).not.toContain(password)
    expect(process.argv.join(' ')).not.toContain(password)
  })

  it('by TLS checks the certificate by the authority that the address names, or by none where it says so', async ({
    expect,
  }) => {
    await using secure = await startCluster()
    const [key, certificate] = ['server.key', 'server.crt'].map(name => join(secure.folder, 'data', name))
    const subject = ['-subj', '/CN=db', '-addext', 'subjectAltName=IP:127.0.0.1']
    const { status } = spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      ...subject,
      '-keyout',
      `${key}`,
      '-out',
      `${certificate}`,
    ])
    expect(status).toBe(0)
    const { uid, gid } = statSync(join(secure.folder, 'data'))
    chownSync(`${key}`, uid, gid)
    chmodSync(`${key}`, 0o600)
    chmodSync(`${certificate}`, 0o644)
    await secure.sql('postgres', 'ALTER SYSTEM SET ssl = on')
    await secure.sql('postgres', 'SELECT pg_reload_conf()')
    const address = await secure.fresh()
    expect(await refused(`${address}?sslmode=require`)).toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('certificate is not trusted'),
    })
    for (const mode of [`verify-full&sslrootcert=${certificate}`, 'no-verify']) {
      const host = await openHost(`${address}?sslmode=${mode}`, 'host')
      await host.beat({ machines: 0 })
      const encrypted = await secure.sql(
        'postgres',
        `SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = '${user}'`,
      )
      expect(encrypted).toEqual([{ ssl: true }])
      await host[Symbol.asyncDispose]()
    }
  })

  it('without the right to make schemas names the statements, and needs no more once they are made', async ({
    expect,
  }) => {
    const address = await cluster.fresh()
    const database = databaseOf(address)
    await cluster.sql('postgres', `ALTER DATABASE ${database} OWNER TO postgres`)
    const error = await refused(address)
    expect(error.code).toBe('permission-denied')
    const statements = /CREATE SCHEMA .*$/.exec(error.hint ?? '')?.[0] ?? ''
    expect(statements).toContain('agentctl_boss')
    await cluster.sql(database, statements.replaceAll('AUTHORIZATION USER', `AUTHORIZATION ${user}`))
    const host = await openHost(address, 'host')
    await host.offer([workOn('*')])
    expect(await (await taken(host)).commit(saving(recordOf('n', '*')))).toBe('kept')
    await host[Symbol.asyncDispose]()
  })

  it('by a host that is older than the tables is given while they admit it', async ({ expect }) => {
    const address = await cluster.fresh()
    const first = await openHost(address, 'first')
    await cluster.sql(databaseOf(address), 'INSERT INTO agentctl.schema_version VALUES (2, 1)')
    await cluster.sql(databaseOf(address), 'UPDATE agentctl_boss.version SET version = version + 1')
    const second = await openHost(address, 'second')
    await second.offer([workOn('a')])
    expect(await (await taken(second)).commit(saving(recordOf('n', 'a')))).toBe('kept')
    await cluster.sql(databaseOf(address), 'INSERT INTO agentctl.schema_version VALUES (3, 3)')
    expect(await refused(address)).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('version 3, which wants hosts of version 3 on; this one has 1'),
      hint: expect.stringContaining('Update agentctl'),
    })
    await Promise.all([first, second].map(host => host[Symbol.asyncDispose]()))
  })

  it('takes at most five connections of a host, by which the database knows it', async ({ expect }) => {
    const address = await cluster.fresh()
    const host = await openHost(address, 'host')
    await host.offer(Array.from({ length: 20 }, (_, index) => workOn(`pool-${index}`)))
    const tenures = await Promise.all(Array.from({ length: 20 }, () => host.take()))
    const counts: number[] = []
    await Promise.all([
      ...tenures.map(tenure => tenure?.commit(saving(recordOf(tenure.work.name, tenure.work.name)))),
      ...Array.from({ length: 5 }, async () => {
        await Promise.all([host.beat({ machines: 0 }), host.history({ since: 0 })])
        const rows = await cluster.sql(
          'postgres',
          `SELECT 1 FROM pg_stat_activity WHERE application_name = 'agentctl' AND datname = '${databaseOf(address)}'`,
        )
        counts.push(rows.length)
      }),
    ])
    expect(Math.max(...counts)).toBe(5)
    await host[Symbol.asyncDispose]()
  })

  it('to one bucket by two hosts gives its burst, and then its rate, as one host alone would have it', async ({
    expect,
  }) => {
    const address = await cluster.fresh()
    const hosts = await Promise.all(['one', 'other'].map(name => openHost(address, name)))
    const rate = { burst: 5, perSecond: 20 }
    const waits = await Promise.all(
      Array.from({ length: 45 }, (_, index) => hosts[index % 2]?.admit('cloud', rate, 60_000) ?? 0),
    )
    const sorted = waits.toSorted((a, b) => a - b)
    // What comes back while they ask makes it shorter, never longer: 40 tokens at 20 a second.
    expect(sorted.slice(0, 5)).toEqual([0, 0, 0, 0, 0])
    expect(sorted.at(-1)).toBeLessThanOrEqual(2_000)
    expect(sorted.at(-1)).toBeGreaterThan(1_000)
    await Promise.all(hosts.map(host => host[Symbol.asyncDispose]()))
  })
})
