import { describe, expect, it } from 'vitest'
import { codeOfWant } from '../../src/fleet/outcome.ts'
import type { ProvisionResult } from '../../src/operations/provision.ts'
import { createRig, machinesOf, tally } from './rig.ts'

const minute = 60_000
const codesOf = ({ wants }: ProvisionResult) => [...new Set(wants.map(({ state }) => codeOfWant(state)))]

describe('sixty jobs', () => {
  it.each([
    ['one by one', {}],
    ['in batches', { launchBatchMax: 25 }],
  ])('get one machine each, %s, and nothing is left', async (_, traits) => {
    using rig = createRig({ count: 60, traits })
    const result = await rig.run({ concurrency: 25 })
    expect(tally(result)).toEqual({ done: 60 })
    expect(rig.hub.counts().finished).toBe(60)
    expect(machinesOf(rig)).toBe(60)
    expect(result.alivePeak).toBe(25)
    rig.check({ concurrency: 25 })
  })

  it('in batches cost one call for an offering', async () => {
    using rig = createRig({ count: 30, jobMs: 5_000, traits: { launchBatchMax: 30 } })
    await rig.run()
    expect(rig.sim.cloud.ledger.calls.get('launch')).toBe(1)
  })

  it('need one list a tick, however many machines there are', async () => {
    using rig = createRig({ count: 30, traits: { pageSize: 1000 } })
    let ticks = 0
    await rig.run({ onTick: () => ticks++ })
    expect(rig.sim.cloud.ledger.calls.get('list')).toBe(ticks)
  })
})

describe('a cloud whose lists cost', () => {
  const traits = {
    listEveryMs: 5_000,
    pageSize: 1_000,
    poweroff: 'deletes',
    endedShownMs: 20 * minute,
    launchBatchMax: 100,
  } as const

  it('is listed 12 times a minute at most, however many pools and machines', async () => {
    using rig = createRig({ count: 150, jobMs: 3 * minute, traits, pools: [{}, {}, {}] })
    const startedAt = rig.sim.clock.now()
    expect(tally(await rig.run())).toEqual({ done: 150 })
    const minutes = (rig.sim.clock.now() - startedAt) / minute
    expect((rig.sim.cloud.ledger.calls.get('list') ?? 0) / minutes).toBeLessThanOrEqual(12)
    rig.check()
  })

  it('is not asked for the consoles of machines whose jobs the hub saw through', async () => {
    using rig = createRig({ count: 20, traits })
    const result = await rig.run()
    expect(result.units.map(({ unit }) => unit.reason)).toEqual(Array(20).fill('job-finished'))
    expect(rig.sim.cloud.ledger.calls.get('console')).toBeUndefined()
    rig.check()
  })

  it('is asked for them where there is no API token', async () => {
    using rig = createRig({ count: 20, traits, hasApiToken: false })
    const result = await rig.run()
    expect(result.units.map(({ unit }) => unit.reason)).toEqual(Array(20).fill('job-finished'))
    expect(rig.sim.cloud.ledger.calls.get('console')).toBe(20)
    rig.check()
  })
})

describe('boots that fail', () => {
  it('spend the attempts of each job, and no more', async () => {
    using rig = createRig({ count: 3, knobs: { bootFailure: { chance: 1, text: 'cloud-init: 503' } } })
    const result = await rig.run()
    expect(tally(result)).toEqual({ failed: 3 })
    expect(codesOf(result)).toEqual(['boot-failed'])
    expect(machinesOf(rig)).toBe(9)
    rig.check()
  })

  it('are ended at their deadline, and open the breaker', async () => {
    using rig = createRig({ count: 7, knobs: { silentChance: 1 }, pool: { attempts: 1 } })
    const alive: number[] = []
    const result = await rig.run({ concurrency: 5, onTick: one => alive.push(one.aliveCount) })
    expect(rig.lines.filter(line => line.includes('no agent was started')).length).toBe(machinesOf(rig))
    // Five at once, then one at a time.
    expect(alive.filter((count, at) => count > 1 && alive.slice(0, at).includes(0))).toEqual([])
    expect(machinesOf(rig)).toBe(7)
    expect(codesOf(result)).toEqual(['boot-failed'])
    rig.check({ concurrency: 5 })
  })

  it('stop failing, and the breaker closes', async () => {
    using rig = createRig({ count: 8, knobs: { silentChance: 1 } })
    const run = rig.provision({ concurrency: 8 })
    await rig.sim.clock.advance(minute)
    rig.sim.cloud.turn({ silentChance: 0 })
    expect(tally(await rig.drive(run))).toEqual({ done: 8 })
    rig.check({ concurrency: 8 })
  })
})

describe('capacity', () => {
  it('that is out leads to the next offering, and the next pool', async () => {
    using rig = createRig({
      count: 10,
      pools: [
        { spec: { region: 'sim-1', types: ['small', 'large'] } },
        { spec: { region: 'sim-2', zones: ['b'] } },
      ],
      knobs: { stock: { 'small/a/on-demand': 3, 'large/a/on-demand': 2 } },
    })
    const result = await rig.run()
    expect(tally(result)).toEqual({ done: 10 })
    const { launches } = rig.sim.cloud.ledger
    const large = launches.filter(one => one.offeringId === 'large/a/on-demand').flatMap(one => one.ids)
    expect(large.length).toBeGreaterThanOrEqual(2)
    rig.check()
  })

  it('that comes in part is used, and the rest goes on', async () => {
    using rig = createRig({
      count: 10,
      traits: { launchBatchMax: 10 },
      spec: { types: ['small', 'large'] },
      knobs: { stock: { 'small/a/on-demand': 3 } },
    })
    const result = await rig.run()
    expect(tally(result)).toEqual({ done: 10 })
    expect(machinesOf(rig)).toBe(10)
    expect(rig.sim.cloud.ledger.calls.get('launch')).toBe(2)
    rig.check()
  })

  it('that never comes is told after the patience', async () => {
    using rig = createRig({ count: 3, knobs: { stock: { 'small/a/on-demand': 0 } } })
    const startedAt = rig.sim.clock.now()
    const result = await rig.run({ patienceMs: 4 * minute })
    expect(codesOf(result)).toEqual(['capacity-unavailable'])
    expect(rig.sim.clock.now() - startedAt).toBeLessThan(5 * minute)
    expect(machinesOf(rig)).toBe(0)
    rig.check()
  })

  it('of a quota is waited for, with no storm of calls and no other offering', async () => {
    using rig = createRig({ count: 12, spec: { types: ['small', 'large'] }, knobs: { quota: 4 } })
    const result = await rig.run()
    expect(tally(result)).toEqual({ done: 12 })
    expect(rig.sim.cloud.ledger.calls.get('launch')).toBeLessThan(60)
    expect(rig.sim.cloud.ledger.launches.map(one => one.offeringId)).not.toContain('large/a/on-demand')
    rig.check({ concurrency: 4 })
  })

  it('of a quota that a partial answer tells pauses the pool too', async () => {
    using rig = createRig({ count: 12, traits: { launchBatchMax: 12 }, knobs: { quota: 4 } })
    expect(tally(await rig.run())).toEqual({ done: 12 })
    expect(rig.sim.cloud.ledger.calls.get('launch')).toBeLessThan(12)
    rig.check({ concurrency: 4 })
  })

  it('is kept to by a cloud that is slower than it says', async () => {
    using rig = createRig({ count: 12, knobs: { rates: { launch: { burst: 2, perSecond: 0.2 } } } })
    expect(tally(await rig.run())).toEqual({ done: 12 })
    expect(machinesOf(rig)).toBe(12)
    rig.check()
  })

  it('is not asked for faster than the cloud says it may be', async () => {
    const rate = { burst: 3, perSecond: 1 }
    const rates = { launch: rate, terminate: rate, read: { burst: 20, perSecond: 10 }, mark: rate }
    using rig = createRig({ count: 40, traits: { rates }, knobs: { rates } })
    expect(tally(await rig.run())).toEqual({ done: 40 })
    // Latency lets two calls arrive closer together than they were sent.
    expect(rig.lines.filter(line => line.includes('"code":"rate-limited"')).length).toBeLessThan(3)
    rig.check()
  })
})

describe('answers that do not come', () => {
  it.each(['answer-lost', 'request-lost', 'server-error', 'late', 'hang', 'throttled'] as const)(
    'for launches (%s) cost no second machine',
    async fault => {
      using rig = createRig({ count: 10 })
      rig.sim.cloud.inject(fault, 'launch', { times: 12 })
      expect(tally(await rig.run())).toEqual({ done: 10 })
      expect(machinesOf(rig)).toBe(10)
      rig.check()
    },
  )

  it('and a stock-out for the same launch: nothing else is tried before the doubt is gone', async () => {
    using rig = createRig({
      count: 1,
      spec: { types: ['small', 'large'] },
      knobs: { lateMs: [50_000, 50_000] },
    })
    rig.sim.cloud.inject('late', 'launch')
    rig.sim.cloud.inject('stock-out', 'launch')
    expect(tally(await rig.run())).toEqual({ done: 1 })
    expect(machinesOf(rig)).toBe(1)
    rig.check()
  })

  it('and a stock-out, with nothing made: the next offering once that is proved', async () => {
    using rig = createRig({ count: 1, spec: { types: ['small', 'large'] } })
    rig.sim.cloud.inject('request-lost', 'launch')
    rig.sim.cloud.inject('stock-out', 'launch')
    expect(tally(await rig.run())).toEqual({ done: 1 })
    expect(rig.sim.cloud.ledger.launches.map(one => one.offeringId)).toEqual(['large/a/on-demand'])
    rig.check()
  })

  it('for credentials: stops, and leaves nothing', async () => {
    using rig = createRig({ count: 3 })
    rig.sim.cloud.turn({ chances: { launch: { 'bad-credentials': 1 } } })
    const result = await rig.run()
    expect(result.stoppedBy?.code).toBe('unauthenticated')
    expect(machinesOf(rig)).toBe(0)
    rig.check()
  })
})

describe('lists that fail', () => {
  it('end nothing, and launch nothing; when they are back all goes on', async () => {
    using rig = createRig({ count: 4 })
    const run = rig.provision({ concurrency: 2 })
    await rig.sim.clock.advance(40_000)
    rig.sim.cloud.turn({ chances: { list: { 'server-error': 0.5, partial: 1 } } })
    await rig.sim.clock.advance(4 * minute)
    expect(rig.sim.cloud.ledger.calls.get('terminate') ?? 0).toBe(0)
    expect(machinesOf(rig)).toBe(2)
    rig.sim.cloud.turn({ chances: {} })
    expect(tally(await rig.drive(run))).toEqual({ done: 4 })
    rig.check({ concurrency: 2 })
  })
})

describe('what a cloud does not end', () => {
  it('is told of after a while, and not waited for for ever', async () => {
    using rig = createRig({ count: 2, jobMs: 5_000, knobs: { undeletableChance: 1 } })
    const result = await rig.drive(rig.provision({ patienceMs: 10 * minute }), 60 * minute)
    expect(tally(result)).toEqual({ served: 2 })
    expect(result.units.filter(view => view.unit.terminateAskedAt !== undefined)).toHaveLength(2)
    expect(result.aliveCount).toBe(2)
  })

  it('and only a lagging list still shows is asked to end once, not twice a second', async () => {
    using rig = createRig({
      count: 2,
      jobMs: 5_000,
      traits: { listing: 'eventual', settleMs: 20_000, poweroff: 'deletes' },
      knobs: { lagMs: [20_000, 20_000], leftovers: { disk: 1 } },
    })
    await rig.run()
    const before = rig.sim.cloud.ledger.calls.get('terminate') ?? 0
    await rig.drive(rig.reap())
    expect((rig.sim.cloud.ledger.calls.get('terminate') ?? 0) - before).toBeLessThanOrEqual(4)
    rig.check()
  })
})
