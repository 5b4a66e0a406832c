import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Home, type Running, run, start, until } from '../support/cli.ts'
import { jobs, newRound, type Round } from '../support/round.ts'
import { type Cluster, missing, startCluster } from './cluster.ts'

/** Alive is who was heard of within five seconds; hosts are listed each ten. Unit: milliseconds. */
const noticedMsMax = 60_000

/** Also what a test that failed has left. */
const served: Running[] = []

interface Host extends Running {
  readonly home: Home
  get(path: string): Promise<{ readonly status: number; readonly text: string }>
  /** Of a metric with its labels; undefined where it is not told. */
  value(sample: string): Promise<number | undefined>
}

describe.skipIf(missing !== undefined)(`hosts that are looked at ${missing ?? ''}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(async () => {
    for (const { child } of served) child.kill('SIGKILL')
    await cluster?.[Symbol.asyncDispose]()
  })

  it('tell of works and hosts; who is stopped is missed by nobody, who dies is', async ({ expect }) => {
    await using round = await newRound({ jobs: jobs(2, 'true') }, { AGENTCTL_PROVIDER: '' })
    const address = await cluster.fresh()
    const one = await serving(round, address, 'one')
    await until('it is ready', async () => (await one.get('/readyz')).status === 200, noticedMsMax)
    await until(
      'its works are told',
      async () => (await one.value('works{state="held"}')) === 2,
      noticedMsMax,
    )
    expect(await one.value('work_held{work="here",host="one"}')).toBe(1)
    expect(await one.value('coordinator_up')).toBe(1)
    expect(Math.abs((await one.value('host_clock_ahead_seconds')) ?? 99)).toBeLessThan(5)
    expect(await one.value('commit_duration_seconds_count')).toBeGreaterThan(0)
    await until(
      'the jobs are done',
      () => round.hub.jobs().every(job => job.state === 'finished'),
      noticedMsMax,
    )
    await until(
      'they are told',
      async () => (await one.value('launched_total{pool="here"}')) === 2,
      noticedMsMax,
    )

    const other = await serving(round, address, 'other')
    await until('both are told', async () => (await one.value('hosts{state="alive"}')) === 2, noticedMsMax)
    await until(
      'they share',
      async () => (await other.get('/')).text.includes('other (this one)'),
      noticedMsMax,
    )
    await until(
      'each work is in the hands of one of them',
      async () => (await heldIn(round)).toSorted().join() === '*,here',
      noticedMsMax,
    )

    one.child.kill('SIGTERM')
    expect(await one.ended).toMatchObject({ code: 0 })
    await until(
      'the other has both',
      async () => (await other.value('works{state="held"}')) === 2,
      noticedMsMax,
    )
    await until('it is alone', async () => (await other.value('hosts{state="alive"}')) === 1, noticedMsMax)
    expect(await other.value('hosts{state="silent"}')).toBe(0)
    expect(await other.value('tenures_lost_total')).toBe(0)

    const dying = await serving(round, address, 'dying')
    await until('it is told', async () => (await other.value('hosts{state="alive"}')) === 2, noticedMsMax)
    dying.child.kill('SIGKILL')
    await until('it is missed', async () => (await other.value('hosts{state="silent"}')) === 1, noticedMsMax)
    expect((await other.get('/')).text).toContain('The host dying is silent')
    other.child.kill('SIGTERM')
    expect(await other.ended).toMatchObject({ code: 0 })
  })

  it('are alive, not ready and tell nothing of others while the database is away', async ({ expect }) => {
    await using own = await startCluster()
    await using round = await newRound({}, { AGENTCTL_PROVIDER: '' })
    const host = await serving(round, await own.fresh(), 'one')
    await until('it is ready', async () => (await host.get('/readyz')).status === 200, noticedMsMax)
    await until('hosts are told', async () => (await host.value('hosts{state="alive"}')) === 1, noticedMsMax)
    await own.stop('immediate')
    await until('it is told', async () => (await host.value('coordinator_up')) === 0, noticedMsMax)
    expect(await host.value('hosts{state="alive"}')).toBeUndefined()
    expect((await host.get('/readyz')).status).toBe(503)
    expect((await host.get('/healthz')).status).toBe(200)
    expect((await host.get('/')).text).toContain('The coordinator does not answer')
    await until(
      'its works are told by others',
      async () => (await host.value('work_held{work="here",host="one"}')) === undefined,
      noticedMsMax,
    )
    expect(await host.value('pool_max{pool="here"}')).toBeUndefined()
    await own.start()
    await until(
      'it is back',
      async () => (await host.value('work_held{work="here",host="one"}')) === 1,
      noticedMsMax,
    )
    expect((await host.get('/readyz')).status).toBe(200)
    host.child.kill('SIGTERM')
    expect(await host.ended).toMatchObject({ code: 0 })
  })
})

async function heldIn({ home }: Round): Promise<readonly string[]> {
  const { stdout } = await run(home, 'hosts', 'list', '--json', '--coordinator', 'env:DATABASE')
  const { hosts } = JSON.parse(stdout) as { hosts: { works: string[] }[] }
  return hosts.flatMap(host => host.works)
}

async function serving({ hub, home: given }: Round, database: string, name: string): Promise<Host> {
  const home = { ...given, env: { ...given.env, DATABASE: database, AGENTCTL_HOST: name } }
  given.env.DATABASE = database
  writeFileSync(
    join(home.folder, 'agentctl.yml'),
    `owner: test-ci
endpoint: ${hub.endpoint}
no-https: true
coordinator: env:DATABASE
agent-types: { ${hub.agentType}: { pools: [here] } }
pools: { here: { provider: local } }
`,
  )
  const host = start(home, 'capacity', 'serve', '--listen', '127.0.0.1:0')
  served.push(host)
  await until('it listens', () => /http:\S+\/metrics/.test(host.output()), noticedMsMax)
  const url = /(http:\S+)\/metrics/.exec(host.output())?.[1] ?? ''
  const get = async (path: string) => {
    const answer = await fetch(`${url}${path}`)
    return { status: answer.status, text: await answer.text() }
  }
  return {
    ...host,
    home,
    get,
    async value(sample) {
      const { text } = await get('/metrics')
      const line = text.split('\n').find(one => one.startsWith(`agentctl_${sample} `))
      return line === undefined ? undefined : Number(line.split(' ')[1])
    },
  }
}
