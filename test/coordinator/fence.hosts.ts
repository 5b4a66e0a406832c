import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/cli.ts'
import { type Cluster, databaseOf, missing, startCluster } from './cluster.ts'
import { beating, clock, openHost, recordOf, saving, taken, takenWithin, workOn } from './host.ts'
import { startWire } from './wire.ts'

/** From the last beat of a host to the tenure of another: 5 s of silence, a beat, a take, and what a busy machine adds. */
const takeoverMsMax = 8_000

describe.skipIf(missing !== undefined)(`a work on PostgreSQL ${missing ?? ''}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  it('is held by one of 8 hosts that open an empty database and take at the same time', async ({
    expect,
  }) => {
    const address = await cluster.fresh()
    const hosts = await Promise.all(
      Array.from({ length: 8 }, (_, index) => openHost(address, `host-${index}`)),
    )
    const works = Array.from({ length: 10 }, (_, index) => workOn(`pool-${index}`))
    await Promise.all(hosts.map(host => host.offer(works)))
    const given = await Promise.all(hosts.flatMap(host => Array.from({ length: 5 }, () => host.take())))
    const names = given.flatMap(tenure => tenure?.work.name ?? [])
    expect(names.sort()).toEqual(works.map(({ name }) => name).sort())
    const jobs = await cluster.sql(databaseOf(address), 'SELECT 1 FROM agentctl_boss.job')
    expect(jobs).toHaveLength(10)
    await Promise.all(hosts.map(host => host[Symbol.asyncDispose]()))
  })

  it('goes from a host that died to another one within 8 s', async ({ expect }) => {
    const address = await cluster.fresh()
    const [dead, other] = await Promise.all([openHost(address, 'dead'), openHost(address, 'other')])
    const hearts = await Promise.all([beating(dead), beating(other)])
    await dead.offer([workOn('a')])
    await taken(dead)
    await hearts[0].stop()
    const from = clock.now()
    const tenure = await takenWithin(other, takeoverMsMax)
    expect(clock.now() - from).toBeGreaterThan(4_000)
    expect(await tenure.commit(saving(recordOf('n', 'a')))).toBe('kept')
    await hearts[1].stop()
    for (const host of [dead, other]) await host[Symbol.asyncDispose]()
  })

  it('goes from a host that took it, and died before its first beat', async ({ expect }) => {
    const address = await cluster.fresh()
    const [dead, other] = await Promise.all([openHost(address, 'dead'), openHost(address, 'other')])
    await using heart = await beating(other)
    await dead.offer([workOn('a')])
    const lost = await taken(dead)
    const tenure = await takenWithin(other, takeoverMsMax)
    expect(await lost.commit(saving(recordOf('late', 'a')))).toBe('lost')
    expect(await tenure.commit(saving(recordOf('n', 'a')))).toBe('kept')
    await heart.stop()
    await Promise.all([dead, other].map(host => host[Symbol.asyncDispose]()))
  })

  it('is not taken away while a commit goes on, and the commit is whole', async ({ expect }) => {
    const address = await cluster.fresh()
    await using wire = await startWire(cluster.port)
    const slow = await openHost(cluster.address(databaseOf(address), wire.port), 'slow')
    const other = await openHost(address, 'other')
    await slow.beat({ machines: 0 })
    await slow.offer([workOn('a')])
    const tenure = await taken(slow)
    await using heart = await beating(other)
    // Silent for so long that it is dead, it begins a commit just before the other one notices.
    wire.delay(150)
    await clock.sleep(4_300)
    const commits: string[] = []
    let count = 0
    while (commits.at(-1) !== 'lost') {
      count += 1
      commits.push(await tenure.commit(saving(recordOf(`n${count}`, 'a'))))
    }
    const next = await takenWithin(other, takeoverMsMax)
    const seen = (await next.load()).map(({ key }) => key).sort()
    expect(seen).toEqual(
      commits.flatMap((answer, index) => (answer === 'kept' ? [`n${index + 1}`] : [])).sort(),
    )
    expect(commits.filter(answer => answer === 'kept').length).toBeGreaterThan(0)
    await heart.stop()
    await Promise.all([slow, other].map(host => host[Symbol.asyncDispose]()))
  })

  it('is taken over although the dead host stopped in the middle of a transaction', async ({ expect }) => {
    const address = await cluster.fresh()
    await using wire = await startWire(cluster.port)
    const frozen = await openHost(cluster.address(databaseOf(address), wire.port), 'frozen')
    const other = await openHost(address, 'other')
    const frozenHeart = await beating(frozen)
    await using _heart = await beating(other)
    await frozen.offer([workOn('a')])
    const tenure = await taken(frozen)
    // The attempt is touched, and the host is gone before it writes.
    wire.deafenAt('heartbeat_on')
    const commit = tenure.commit(saving(recordOf('half', 'a'))).catch(error => error.code)
    await frozenHeart.stop()
    const next = await takenWithin(other, takeoverMsMax)
    expect(await next.load()).toEqual([])
    expect(await commit).toBe('unavailable')
    wire.set('refuse')
    wire.cut()
    await Promise.all([frozen, other].map(host => host[Symbol.asyncDispose]()))
  })

  it('keeps what was committed although the answer was lost, and the tenure tells that it is not known', async ({
    expect,
  }) => {
    const address = await cluster.fresh()
    await using wire = await startWire(cluster.port)
    const host = await openHost(cluster.address(databaseOf(address), wire.port), 'host')
    await using heart = await beating(host)
    await host.offer([workOn('a')])
    const tenure = await taken(host)
    await tenure.commit(saving(recordOf('first', 'a')))
    await heart.stop()
    wire.deafenAt('COMMIT')
    const outcome = await tenure.commit(saving(recordOf('second', 'a'))).catch(error => error.code)
    expect(outcome).toBe('unavailable')
    wire.set('pass')
    wire.cut()
    const look = await openHost(address, 'desk')
    expect((await look.history({ since: 0 })).map(({ key }) => key).sort()).toEqual(['first', 'second'])
    await Promise.all([host, look].map(one => one[Symbol.asyncDispose]()))
  })

  it('that was taken by a call whose answer was lost is given back by the next beats', async ({ expect }) => {
    const address = await cluster.fresh()
    await using wire = await startWire(cluster.port)
    const host = await openHost(cluster.address(databaseOf(address), wire.port), 'host')
    await using _heart = await beating(host)
    await host.offer([workOn('a')])
    wire.deafenAt('COMMIT')
    expect(await host.take().catch(error => error.code)).toBe('unavailable')
    wire.set('pass')
    wire.cut()
    const again = await takenWithin(host, 20_000)
    expect(await again.commit(saving(recordOf('n', 'a')))).toBe('kept')
    await host[Symbol.asyncDispose]()
  })

  it("that is active in nobody's hands is found by the job queue itself, within a minute", async ({
    expect,
  }) => {
    const address = await cluster.fresh()
    const host = await openHost(address, 'host')
    await host.offer([workOn('a')])
    await taken(host)
    const name = databaseOf(address)
    await cluster.sql(
      name,
      'UPDATE agentctl.works SET life = NULL, job_id = NULL, attempt = NULL, held = NULL',
    )
    await cluster.sql(name, "UPDATE agentctl_boss.job SET heartbeat_on = heartbeat_on - interval '2 minutes'")
    expect(await host.take()).toBeUndefined()
    await takenWithin(host, 75_000)
    await host[Symbol.asyncDispose]()
  })

  it('never ends by being put back, however often', async ({ expect }) => {
    const address = await cluster.fresh()
    const host = await openHost(address, 'host')
    await host.offer([workOn('a')])
    for (let count = 0; count < 30; count += 1) await (await taken(host)).release()
    const jobs = await cluster.sql(
      databaseOf(address),
      'SELECT state::text, retry_count FROM agentctl_boss.job',
    )
    expect(jobs).toEqual([{ state: 'retry', retry_count: 29 }])
    await host[Symbol.asyncDispose]()
  })

  it('that nobody has named for ten minutes goes away with its job and its grant, unless it is held', async ({
    expect,
  }) => {
    const address = await cluster.fresh()
    const host = await openHost(address, 'host')
    await using heart = await beating(host)
    await host.offer([workOn('a'), workOn('b'), workOn('c')])
    const [one, other] = [await taken(host), await taken(host)]
    await one.grant(3, 10)
    await other.grant(4, 10)
    await one.release()
    await cluster.sql(
      databaseOf(address),
      "UPDATE agentctl.works SET named_at = named_at - interval '11 minutes'",
    )
    await host.offer([workOn('c')])
    const works = await cluster.sql(databaseOf(address), 'SELECT name FROM agentctl.works ORDER BY name')
    expect(works).toEqual([other.work.name, 'c'].sort().map(name => ({ name })))
    expect(await cluster.sql(databaseOf(address), 'SELECT granted FROM agentctl.grants')).toEqual([
      { granted: 4 },
    ])
    await until('a beat counts what is left', async () => heart.beats.at(-1)?.works === 2)
    await heart.stop()
    await host[Symbol.asyncDispose]()
  })
})
