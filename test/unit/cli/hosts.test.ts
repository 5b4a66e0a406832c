import type { Beat, HostSeen } from '@agentctl/contract'
import { afterEach, describe, expect, it } from 'vitest'
import { type Exporter, openExporter } from '../../../src/cli/exporter.ts'
import { seeHost } from '../../../src/cli/metrics/host.ts'
import { openInstruments } from '../../../src/cli/metrics/instruments.ts'
import { newPast, seeTick } from '../../../src/cli/metrics/seen.ts'
import { tellerOf } from '../../../src/cli/teller.ts'
import type { CapacityTick } from '../../../src/operations/capacity.ts'
import { type HostFacts, statesOf } from '../../../src/operations/host-facts.ts'

const minute = 60_000
const start = Date.parse('2026-03-01T12:00:00Z')
const beat: Beat = { aheadMs: 0, isDraining: false, takers: 2, works: 3, lost: [] }
const away = new Error('connection refused')

function host(name: string, works: readonly string[], change: Partial<HostSeen> = {}): HostSeen {
  return {
    host: name,
    version: '1.2.3',
    startedAt: start - 60 * minute,
    seenAt: start,
    isAlive: true,
    isDraining: false,
    works: works.map(work => ({ name: work, subjects: [work] })),
    machines: works.length * 2,
    aheadMs: 0,
    ...change,
  }
}

const facts: HostFacts = {
  host: 'ci-1',
  now: start,
  beat,
  held: ['linux', '*'],
  lookedAt: start - 4_000,
  hosts: [host('ci-1', ['linux', '*']), host('ci-2', ['mac'])],
  lostCount: 0,
}

async function told(...all: readonly HostFacts[]): Promise<(sample: string) => number | undefined> {
  const on = await openInstruments()
  for (const one of all) seeHost(on, one)
  const lines = (await on.registry.metrics()).split('\n')
  return sample => {
    const value = lines.find(line => line.startsWith(`agentctl_${sample} `))?.split(' ')[1]
    return value === undefined ? undefined : Number(value)
  }
}

describe('metrics of a host among others', () => {
  it('say who holds what, and how it stands with the coordinator', async () => {
    const value = await told({ ...facts, beat: { ...beat, aheadMs: 2_500 }, lostCount: 2 })
    expect(value('hosts{state="alive"}')).toBe(2)
    expect(value('hosts{state="draining"}')).toBe(0)
    expect(value('hosts{state="silent"}')).toBe(0)
    expect(value('works{state="held"}')).toBe(3)
    expect(value('works{state="free"}')).toBe(0)
    expect(value('work_held{work="linux",host="ci-1"}')).toBe(1)
    expect(value('work_held{work="mac",host="ci-1"}')).toBeUndefined()
    expect(value('coordinator_up')).toBe(1)
    expect(value('coordinator_beat_timestamp_seconds')).toBe(start / 1000)
    expect(value('host_clock_ahead_seconds')).toBe(-2.5)
    expect(value('tenures_lost_total')).toBe(2)
    expect(value('last_tick_timestamp_seconds')).toBe(start / 1000 - 4)
  })

  it('count works that nobody alive holds as free', async () => {
    const hosts = [host('ci-1', ['linux', '*']), host('ci-2', ['mac'], { isAlive: false })]
    const value = await told({ ...facts, hosts })
    expect(value('works{state="held"}')).toBe(2)
    expect(value('works{state="free"}')).toBe(1)
    expect(value('hosts{state="silent"}')).toBe(1)
  })

  it('keep when the coordinator answered last while it does not, and say nothing of what is not known', async () => {
    const value = await told(facts, { ...facts, now: start + minute, beat: away, held: [] })
    expect(value('coordinator_up')).toBe(0)
    expect(value('coordinator_beat_timestamp_seconds')).toBe(start / 1000)
    expect(value('works{state="free"}')).toBeUndefined()
    expect(value('hosts{state="alive"}')).toBeUndefined()
    expect(value('work_held{work="linux",host="ci-1"}')).toBeUndefined()
  })

  it('are not there on a host that works alone, where nobody is to be woken by them', async () => {
    const value = await told()
    for (const name of ['coordinator_up', 'coordinator_beat_timestamp_seconds', 'host_clock_ahead_seconds']) {
      expect(value(name)).toBeUndefined()
    }
  })

  it('tell of no pool on a host that holds nothing: another one does', async () => {
    const on = await openInstruments()
    on.machines.set({ pool: 'linux', phase: 'online' }, 4)
    on.scopeAt.set({ provider: 'aws', scope: '1/eu' }, 1)
    seeHost(on, { ...facts, held: [] })
    expect(await on.registry.metrics()).not.toMatch(/^agentctl_(machines|scope_seen_timestamp_seconds)\{/m)
  })
})

it('a scope that is looked at no more is told no more, and one that fails is', async () => {
  const on = await openInstruments()
  const past = newPast(start)
  const tick = (knownScopes: readonly string[], unseen: readonly string[]): CapacityTick => ({
    now: start,
    picture: {
      units: [],
      strays: [],
      queues: new Map(),
      jobs: new Map(),
      knownScopes: new Set(knownScopes),
    },
    policy: {
      owner: 'test-ci',
      pools: new Map(),
      agentTypes: new Map(),
      wants: [],
      concurrency: 1,
      maxAlive: 1,
      intent: 'run',
      isMine: () => true,
      surplus: new Map(),
    },
    ...{ before: [], actions: [], wants: [], breakers: [], hubLimits: [], strange: [], news: [] },
    ...{ unseen, waits: new Map(), fatal: undefined, broken: new Map() },
  })
  const scopes = async () =>
    [...(await on.registry.metrics()).matchAll(/scope_seen_timestamp_seconds\{.*scope="(.*)"/g)].map(
      one => one[1],
    )
  seeTick(on, tick(['aws/1/eu', 'aws/1/us', 'gcp/p/z'], []), 1, past)
  expect(await scopes()).toEqual(['1/eu', '1/us', 'p/z'])
  seeTick(on, tick(['aws/1/us'], ['aws 1/eu: it hangs']), 1, past)
  expect(await scopes()).toEqual(['1/eu', '1/us'])
})

describe('the state of a host', () => {
  const names = (hosts: readonly HostSeen[]) => statesOf(hosts).map(([one, state]) => [one.host, state])

  it('is that of its last life', () => {
    const before = { isAlive: false, startedAt: start - 90 * minute }
    expect(names([host('a', [], before), host('a', [])])).toEqual([['a', 'alive']])
    expect(names([host('a', [], before), host('a', [], { isAlive: false })])).toEqual([['a', 'silent']])
    expect(names([host('a', [], { isDraining: true })])).toEqual([['a', 'draining']])
    expect(names([host('a', [], { isAlive: false, stoppedAt: start })])).toEqual([])
  })
})

describe('health of a host among others', () => {
  let exporter: Exporter | undefined
  afterEach(() => exporter?.[Symbol.asyncDispose]())

  async function opened() {
    let now = start
    exporter = await openExporter({
      address: '127.0.0.1:0',
      now: () => now,
      owner: 'test-ci',
      token: undefined,
    })
    const { address, seeHost: see } = exporter
    const get = async (path: string) => {
      const answer = await fetch(`http://${address}${path}`)
      return { status: answer.status, text: await answer.text() }
    }
    return { get, see, at: (ms: number) => (now = start + ms) }
  }

  it('is that of the work that was looked at longest ago, and of its beats where it holds none', async () => {
    const { get, see, at } = await opened()
    at(20 * minute)
    expect(await get('/healthz')).toMatchObject({ status: 503 })
    const now = start + 20 * minute
    see({ ...facts, now, lookedAt: now - minute })
    expect(await get('/healthz')).toMatchObject({ status: 200, text: 'last look 60 s ago\n' })
    see({ ...facts, now, lookedAt: now - 6 * minute })
    expect(await get('/healthz')).toMatchObject({ status: 503 })
    const { lookedAt: _, ...idle } = { ...facts, now, held: [] }
    see(idle)
    expect(await get('/healthz')).toMatchObject({ status: 200 })
    see({ ...idle, beat: away })
    expect(await get('/healthz')).toMatchObject({ status: 200 })
    at(26 * minute)
    expect(await get('/healthz')).toMatchObject({ status: 503 })
  })

  it('is not readiness: that needs an answer of the coordinator', async () => {
    const { get, see } = await opened()
    expect(await get('/healthz')).toMatchObject({ status: 200 })
    expect(await get('/readyz')).toMatchObject({ status: 503, text: expect.stringMatching(/^not ready/) })
    see({ ...facts, beat: away })
    expect(await get('/readyz')).toMatchObject({ status: 503 })
    see(facts)
    expect(await get('/readyz')).toMatchObject({ status: 200 })
  })

  it('is on the page: the hosts, and what is wrong between them', async () => {
    const { get, see } = await opened()
    expect((await get('/')).text).not.toContain('<h2>Hosts</h2>')
    const hosts = [host('ci-1', ['linux', '*']), host('<b>', ['mac'], { isAlive: false, seenAt: start - 1 })]
    see({ ...facts, beat: { ...beat, aheadMs: 90_000 }, hosts })
    const { text } = await get('/')
    expect(text).toContain('<h2>Hosts</h2>')
    expect(text).toContain('ci-1 (this one)')
    expect(text).toContain('The host &lt;b&gt; is silent')
    expect(text).toContain('1 works are in no host&#39;s hands')
    expect(text).toContain('The clock of this host is 90 s behind')
    see({ ...facts, beat: away })
    expect((await get('/')).text).toContain('The coordinator does not answer: connection refused')
  })
})

describe('what a host among others says', () => {
  function listening(watchdogMs: number) {
    const said: string[] = []
    const notified: string[] = []
    let now = start
    const teller = tellerOf({
      clock: { now: () => now, sleep: async () => undefined },
      exporter: undefined,
      notify: { watchdogMs, tell: async (...words) => void notified.push(...words) },
      say: line => void said.push(line),
    })
    return { teller, said, notified, pass: (ms: number) => (now += ms) }
  }

  it('is which works it holds, once, and what the coordinator failed of', async () => {
    const { teller, said } = listening(10 * minute)
    for (const one of [facts, facts, { ...facts, beat: away }, { ...facts, beat: away }, facts]) {
      await teller.onHost(one)
    }
    expect(said.filter(line => /Works of this host: \*, linux/.test(line))).toHaveLength(2)
    expect(said.filter(line => /connection refused/.test(line))).toHaveLength(1)
  })

  it('makes it ready at the first answer, and alive while it looks', async () => {
    const { teller, notified, pass } = listening(10 * minute)
    await teller.onHost({ ...facts, beat: away })
    expect(notified).toEqual([])
    await teller.onHost(facts)
    expect(notified).toEqual(['READY=1', 'STATUS=the host ci-1, one of 2'])
    pass(3 * minute)
    await teller.onHost({ ...facts, lookedAt: start - 6 * minute })
    expect(notified).not.toContain('WATCHDOG=1')
    await teller.onHost({ ...facts, beat: away })
    expect(notified).toContain('WATCHDOG=1')
  })
})
