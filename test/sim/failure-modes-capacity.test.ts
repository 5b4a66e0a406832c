import { describe, expect, it } from 'vitest'
import { capacityRun } from '../../src/operations/capacity-run.ts'
import { type CapacityJson, capacityJson } from '../../src/views/capacity.ts'
import { capacityLines } from '../../src/views/capacity-lines.ts'
import { cron, runOnce } from './capacity-rig.ts'
import { outage } from './queue.ts'
import { createRig, machinesOf, owner, type Rig } from './rig.ts'

const minute = 60_000
const lives = ({ sim }: Rig) => [...sim.cloud.ledger.lives.values()]
const calls = ({ sim }: Rig, name: 'launch' | 'terminate') => sim.cloud.ledger.calls.get(name) ?? 0
const endedBy = (json: CapacityJson) => json.actions.filter(one => one.kind === 'terminate')

async function all(rig: Rig, minutes: number): Promise<readonly CapacityJson[]> {
  const seen: CapacityJson[] = []
  await cron(rig, minutes, {}, json => seen.push(json))
  return seen
}

describe('what goes wrong elsewhere', () => {
  it('a fresh machine that lists do not show yet is neither doubled nor taken for gone', async () => {
    using rig = createRig({
      count: 10,
      traits: { listing: 'eventual', settleMs: 100_000 },
      knobs: { lagMs: [60_000, 90_000] },
    })
    await cron(rig, 14)
    expect(rig.hub.counts().finished).toBe(10)
    expect(machinesOf(rig)).toBe(10)
    rig.check()
  })

  // A run that is killed on its way: test/crash/capacity.test.ts.
  it('replies that are lost cost no second machine', async () => {
    using rig = createRig({ count: 8, traits: { launchBatchMax: 4 } })
    rig.sim.cloud.inject('answer-lost', 'launch', { times: 2 })
    rig.sim.cloud.inject('late', 'launch', { times: 1 })
    await cron(rig, 12)
    expect(rig.hub.counts().finished).toBe(8)
    expect(machinesOf(rig)).toBe(8)
    rig.check()
  })

  it('what a launch that failed has left is swept', async () => {
    using rig = createRig({ count: 3, traits: { auxiliary: ['disk', 'address'] } })
    rig.sim.cloud.inject('half-made', 'launch', { times: 2 })
    const seen = await all(rig, 14)
    expect(seen.flatMap(json => json.swept).length).toBeGreaterThan(0)
    expect(rig.sim.cloud.left(owner)).toEqual([])
    expect(rig.hub.counts().finished).toBe(3)
    rig.check()
  })

  it('no capacity: the next pool serves, each within its own cap, and nothing is forgotten', async () => {
    using rig = createRig({
      count: 12,
      pools: [{ capacity: { max: 10 } }, { capacity: { max: 4 }, spec: { region: 'sim-2' } }],
      knobs: { stock: { 'small/a/on-demand': 5 } },
    })
    const seen = await all(rig, 16)
    expect(Math.max(...seen.map(json => json.pools[1]?.phases.booting ?? 0))).toBeLessThanOrEqual(4)
    expect(rig.hub.counts().finished).toBe(12)
    expect(machinesOf(rig)).toBe(12)
    rig.check()
  })

  it("one cloud's outage does not drain another's quota", async () => {
    using rig = createRig({
      count: 30,
      jobMs: 4 * minute,
      pools: [{ capacity: { max: 20 } }, { capacity: { max: 5 }, spec: { region: 'sim-2' } }],
    })
    rig.sim.cloud.turn({ chances: { launch: { 'answer-lost': 1 } } })
    await cron(rig, 3)
    // In doubt is in flight: those jobs go nowhere else, and the second pool fills to its own cap.
    expect(lives(rig).length).toBeLessThanOrEqual(25)
    expect(new Set(lives(rig).map(one => one.jobId)).size).toBe(lives(rig).length)
    rig.sim.cloud.turn({ chances: {} })
    await cron(rig, 16)
    expect(rig.hub.counts().finished).toBe(30)
    rig.check({ concurrency: 25 })
  })

  it('a machine taken back by the market is not replaced for a job that it took along', async () => {
    using rig = createRig({
      count: 3,
      jobMs: 8 * minute,
      spec: { market: ['spot', 'on-demand'] },
      knobs: { reclaim: { chance: 1, afterMs: [2 * minute, 3 * minute] } },
    })
    await cron(rig, 10)
    expect(rig.hub.counts().broken).toBe(3)
    expect(machinesOf(rig)).toBe(3)
    rig.check()
  })

  it('a storm of throttling ends nothing, forgets nothing, and is told', async () => {
    using rig = createRig({ count: 6, jobMs: 12 * minute, pool: { timeouts: { job: '30m', total: '60m' } } })
    await cron(rig, 3)
    rig.sim.cloud.turn({ chances: { list: { throttled: 0.5, partial: 1 }, launch: { throttled: 1 } } })
    rig.hub.add(2)
    const storm = await all(rig, 4)
    expect(storm.every(json => endedBy(json).length === 0)).toBe(true)
    expect(storm.every(json => json.exit === 12)).toBe(true)
    expect(storm[0]?.unseen[0]).toContain('sim')
    rig.sim.cloud.turn({ chances: {} })
    await cron(rig, 28)
    expect(rig.hub.counts()).toMatchObject({ finished: 8, broken: 0 })
    expect(machinesOf(rig)).toBe(8)
    rig.check()
  })

  it('a quota that others share is waited for, with no storm of calls', async () => {
    using rig = createRig({ count: 12, knobs: { quota: 6, strangers: 3 } })
    const seen = await all(rig, 20)
    expect(rig.hub.counts().finished).toBe(12)
    expect(calls(rig, 'launch')).toBeLessThan(50)
    expect(seen.some(json => json.pools[0]?.breaker?.state === 'paused' && json.exit === 11)).toBe(true)
    rig.check({ concurrency: 3 })
  })

  it('machines that stopped or broke, and still bill, are ended by the next run', async () => {
    using rig = createRig({
      count: 6,
      traits: { poweroff: 'stops-and-bills' },
      knobs: { breakChance: 0.3 },
      seed: 'broken',
    })
    await cron(rig, 14)
    expect(rig.sim.cloud.left(owner)).toEqual([])
    rig.check()
  })

  it('a boot that hangs is ended at its deadline, and its job gets another machine', async () => {
    using rig = createRig({ count: 3, knobs: { silentChance: 1 } })
    await cron(rig, 1)
    rig.sim.cloud.turn({ silentChance: 0 })
    const seen = await all(rig, 12)
    expect(new Set(seen.flatMap(endedBy).map(one => one.reason))).toContain('boot-timeout')
    expect(rig.hub.counts().finished).toBe(3)
    expect(machinesOf(rig)).toBe(6)
    rig.check()
  })

  it('an image that never boots is not launched for ever: the breaker opens, says so, and keeps the first console', async () => {
    using rig = createRig({
      count: 40,
      pool: { attempts: 2, capacity: { max: 5 } },
      knobs: { bootFailure: { chance: 1, text: 'cloud-init: no datasource found' } },
    })
    const seen = await all(rig, 4)
    const last = seen.at(-1)
    expect(last?.exit).toBe(13)
    expect(last?.pools[0]?.breaker).toMatchObject({ state: 'open' })
    expect(capacityLines(last as CapacityJson, true).join('\n')).toMatch(
      /breaker open: .*boots failed[\s\S]*\| .*no datasource/,
    )
    const before = machinesOf(rig)
    await cron(rig, 3)
    expect(machinesOf(rig) - before).toBeLessThanOrEqual(1)
    rig.check({ concurrency: 5 })
  })

  it.each([
    ['answers 500', { outage: outage() }],
    ['lists no agents', { agents: async () => new Map() }],
    ['lists no jobs', { queue: async () => ({ jobIds: [], queuedCount: 0 }) }],
  ])('a hub that %s while jobs run ends none of them', async (_, spoil) => {
    using rig = createRig({ count: 5, jobMs: 8 * minute, pool: { timeouts: { job: '30m', total: '60m' } } })
    await cron(rig, 2)
    const { agents, queue } = rig.hub
    Object.assign(rig.hub, spoil)
    const seen = await all(rig, 3)
    expect(seen.flatMap(endedBy)).toEqual([])
    Object.assign(rig.hub, { agents, queue, outage: undefined })
    await cron(rig, 12)
    expect(rig.hub.counts()).toMatchObject({ finished: 5, broken: 0 })
    expect(machinesOf(rig)).toBe(5)
    rig.check()
  })

  it('runs that are killed one after the other leave nothing but what the next one takes up', async () => {
    using rig = createRig({ count: 10, jobMs: 90_000 })
    for (let at = 0; at < 6; at++) {
      const process = rig.process()
      const ended = new AbortController()
      void capacityRun(
        { ...rig.context(process), signal: ended.signal },
        {
          only: undefined,
          forMs: 5 * minute,
          deadlineMs: 6 * minute,
          wake: ended.signal,
          onTick: () => undefined,
        },
      ).catch(() => undefined)
      await rig.sim.clock.advance(7_000 + at * 3_000)
      process.drop()
      ended.abort()
    }
    await cron(rig, 8)
    expect(rig.hub.counts().finished).toBe(10)
    expect(machinesOf(rig)).toBe(10)
    rig.check()
  })

  it('two controllers, and answers of the hub that are doubled and old, make no machine too many', async () => {
    using rig = createRig({ count: 8, pool: { shared: true } })
    const { queue } = rig.hub
    let old = await queue()
    rig.hub.queue = async () => {
      const now = await queue()
      const jobIds = [...old.jobIds, ...now.jobIds]
      old = now
      return { ...now, jobIds, queuedCount: new Set(jobIds).size }
    }
    const hosts = ['one', 'two'].map(host => rig.process({ host }))
    const wake = new AbortController()
    const runs = hosts.map(process =>
      capacityRun(rig.context(process), {
        ...{ only: undefined, forMs: 6 * minute, deadlineMs: 7 * minute, wake: wake.signal },
        onTick: () => undefined,
      }),
    )
    await rig.drive(Promise.all(runs))
    await rig.drive(Promise.all(runs))
    expect(rig.hub.counts().finished).toBe(8)
    expect(machinesOf(rig)).toBe(8)
    rig.check()
  })

  it('credentials that expire in the middle pause everything, and the exit says so', async () => {
    using rig = createRig({ count: 4, jobMs: 6 * minute })
    await cron(rig, 2)
    rig.hub.add(1)
    rig.sim.cloud.turn({ chances: { list: { 'bad-credentials': 1 }, launch: { 'bad-credentials': 1 } } })
    const seen = await all(rig, 2)
    expect(seen.flatMap(endedBy)).toEqual([])
    expect(seen.every(json => json.exit !== 0)).toBe(true)
    rig.sim.cloud.turn({ chances: {} })
    await cron(rig, 14)
    expect(rig.hub.counts()).toMatchObject({ finished: 5, broken: 0 })
    rig.check()
  })

  it.each([-2, 2])('a cloud whose clock is %s hours off changes nothing', async hours => {
    using rig = createRig({
      count: 5,
      knobs: { skewMs: hours * 60 * minute },
      pool: { timeouts: { total: '4h' } },
    })
    const seen = await all(rig, 6)
    expect(rig.hub.counts()).toMatchObject({ finished: 5, broken: 0 })
    expect(machinesOf(rig)).toBe(5)
    expect(seen.flatMap(json => json.swept).filter(one => one.kind === 'instance')).toEqual([])
  })

  it('a guest that will not die is ended by the controller; one that the cloud does not end is told', async () => {
    using rig = createRig({ count: 2, knobs: { wedgedChance: 1, undeletableChance: 1 } })
    const seen = await all(rig, 20)
    expect(seen.flatMap(endedBy).length).toBeGreaterThan(0)
    expect(seen.at(-1)?.exit).toBe(20)
  })

  it('a job that vanishes between its list and its machine costs that machine alone', async () => {
    using rig = createRig({ count: 4, knobs: { bootMs: [70_000, 80_000] } })
    await runOnce(rig)
    for (const id of rig.hub.jobs.keys()) rig.hub.cancel(id)
    const seen = await all(rig, 5)
    expect(seen.flatMap(endedBy).every(one => one.reason === 'not-needed')).toBe(true)
    expect(machinesOf(rig)).toBe(4)
    expect(seen.at(-1)).toMatchObject({ exit: 0 })
    expect(seen.at(-1)?.types[0]?.isHubLimited).toBe(false)
    rig.check()
  })

  it('what was seen before this host slept is no ground to end or launch anything', async () => {
    using rig = createRig({ count: 4, jobMs: 5 * minute })
    await cron(rig, 2)
    const { agents } = rig.hub
    rig.hub.add(1)
    rig.hub.agents = async () => {
      const seen = await agents()
      await rig.sim.clock.sleep(4 * minute)
      return seen
    }
    const slept = await runOnce(rig, { deadlineMs: 10 * minute })
    expect(slept.actions).toEqual([])
    expect(slept.exit).toBe(12)
    rig.hub.agents = agents
    await cron(rig, 12)
    expect(rig.hub.counts().finished).toBe(5)
    rig.check()
  })

  it('a cloud that hangs holds up no other, and the run ends in time', async () => {
    using rig = createRig({
      count: 0,
      pools: [{ capacity: { max: 2 } }, { capacity: { max: 9 }, spec: { region: 'sim-2' } }],
    })
    await cron(rig, 1)
    rig.hub.add(4)
    rig.sim.cloud.inject('hang', 'list', { times: 1 })
    const startedAt = rig.sim.clock.now()
    const json = await runOnce(rig)
    expect(rig.sim.clock.now() - startedAt).toBeLessThan(90_000)
    expect(json.exit).toBe(12)
    expect(json.actions.filter(one => one.kind === 'launch').length).toBeGreaterThan(0)
    await cron(rig, 6)
    expect(rig.hub.counts().finished).toBe(4)
    rig.check()
  })

  it('a pool whose spec cannot be read just now stops no other, and its machines are looked after', async () => {
    using rig = createRig({
      count: 6,
      jobMs: 2 * minute,
      pools: [{ capacity: { max: 2 } }, { capacity: { max: 9 }, spec: { region: 'sim-2' } }],
    })
    await cron(rig, 1)
    rig.hub.add(3)
    const context = rig.context()
    const { loadProvider } = context.effects
    const away: typeof loadProvider = async entry => {
      const module = await loadProvider(entry)
      return {
        ...module,
        async open(deps) {
          const provider = await module.open(deps)
          const resolve: typeof provider.resolve = async (spec, call) => {
            if ((spec as { region: string }).region === 'sim-1') throw outage(503)
            return provider.resolve(spec, call)
          }
          return { ...provider, resolve }
        },
      }
    }
    let last: CapacityJson | undefined
    const run = capacityRun(
      { ...context, effects: { ...context.effects, loadProvider: away } },
      {
        ...{ only: undefined, forMs: 4 * minute, deadlineMs: 6 * minute, wake: new AbortController().signal },
        onTick: tick => {
          last = capacityJson(tick, last)
        },
      },
    )
    await rig.drive(run)
    expect(last?.pools.map(({ launched, error }) => [launched, error === null])).toEqual([
      [0, false],
      [3, true],
    ])
    expect(last?.exit).toBe(12)
    expect(rig.hub.counts().finished).toBe(9)
    rig.check()
  })

  it('a hub that hangs ends the run in time too, and nothing else', async () => {
    using rig = createRig({ count: 2, jobMs: 5 * minute })
    await cron(rig, 2)
    const { queue } = rig.hub
    rig.hub.queue = () => new Promise(() => undefined)
    const startedAt = rig.sim.clock.now()
    await expect(runOnce(rig, { deadlineMs: 40_000 })).rejects.toMatchObject({ code: 'unavailable' })
    expect(rig.sim.clock.now() - startedAt).toBeLessThanOrEqual(40_000)
    rig.hub.queue = queue
    await cron(rig, 8)
    expect(rig.hub.counts()).toMatchObject({ finished: 2, broken: 0 })
    rig.check()
  })

  it('a hub that lists more than it grants costs one look a minute, no attempts and no breaker', async () => {
    using rig = createRig({ count: 40 })
    rig.hub.ceiling = 0
    const seen = await all(rig, 10)
    const before = machinesOf(rig)
    expect(seen.at(-1)?.types[0]?.isHubLimited).toBe(true)
    await all(rig, 5)
    expect(machinesOf(rig) - before).toBeLessThanOrEqual(5)
    expect(seen.at(-1)?.pools[0]?.breaker).toBe(null)
    rig.hub.ceiling = Number.POSITIVE_INFINITY
    await cron(rig, 8)
    expect(rig.hub.counts().finished).toBe(40)
    rig.check()
  })
})
