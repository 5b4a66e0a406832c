import { describe, expect, it } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import { reap } from '../../src/operations/reap.ts'
import { cron, oneTick, planOnce, runOnce } from './capacity-rig.ts'
import { createRig, machinesOf, owner } from './rig.ts'

const minute = 60_000
const aliveIn = ({ sim }: ReturnType<typeof createRig>) =>
  [...sim.cloud.ledger.lives.values()].filter(life => life.to === undefined).length

describe('cron, a run each minute', () => {
  it.each([
    ['one tick', 0],
    ['a minute of ticks, overlapping the next run', 65_000],
  ])('of %s gives each job one machine, and leaves nothing', async (_, forMs) => {
    using rig = createRig({ count: 20, jobMs: 3 * minute })
    await cron(rig, 3, { forMs, deadlineMs: 120_000 })
    rig.hub.add(10)
    await cron(rig, 12, { forMs, deadlineMs: 120_000 })
    expect(rig.hub.counts()).toMatchObject({ finished: 30, queued: 0, running: 0 })
    expect(machinesOf(rig)).toBe(30)
    rig.check()
  })

  it('looks every two seconds while something is under way, every five while all is quiet', async () => {
    using rig = createRig({ count: 0 })
    await runOnce(rig, { forMs: minute })
    expect(rig.hub.asked.queue).toBeLessThanOrEqual(13)
    rig.hub.add(3)
    rig.hub.asked.queue = 0
    await runOnce(rig, { forMs: minute })
    expect(rig.hub.asked.queue).toBeGreaterThanOrEqual(20)
  })

  it('spends the attempts of a job over all runs, then tells', async () => {
    using rig = createRig({ count: 1, knobs: { bootFailure: { chance: 1, text: 'cloud-init: 503' } } })
    const exits: number[] = []
    await cron(rig, 12, {}, json => exits.push(json.exit))
    expect(machinesOf(rig)).toBe(3)
    expect(exits.slice(0, 2)).toEqual([0, 0])
    expect(exits.at(-1)).toBe(13)
    rig.check()
  })

  it('never has more machines than a pool, or all pools together, may have', async () => {
    using rig = createRig({
      count: 40,
      max: 12,
      pools: [{ capacity: { max: 8 } }, { capacity: { max: 8 }, spec: { region: 'sim-2' } }],
    })
    const most: number[] = []
    await cron(rig, 16, { forMs: 55_000 }, json =>
      most.push(...json.pools.map(pool => Object.values(pool.phases).reduce((sum, count) => sum + count, 0))),
    )
    expect(rig.hub.counts().finished).toBe(40)
    expect(Math.max(...most)).toBe(8)
    rig.check({ concurrency: 12 })
  })

  it('launches unbound what waits beyond the 500 that the hub lists', async () => {
    using rig = createRig({ count: 520, jobMs: 30_000, traits: { launchBatchMax: 100, pageSize: 1000 } })
    await runOnce(rig)
    const lives = [...rig.sim.cloud.ledger.lives.values()]
    expect(lives.filter(life => life.jobId === undefined)).toHaveLength(20)
    await cron(rig, 6)
    expect(rig.hub.counts().finished).toBe(520)
    expect(machinesOf(rig)).toBe(520)
    rig.check()
  })

  it('serves a job again whose machine was ended before it came to it', async () => {
    using rig = createRig({ count: 2, knobs: { bootMs: [50_000, 60_000] } })
    let intent: 'run' | 'drain' = 'run'
    const provision = rig.provision({ intent: () => intent })
    await rig.sim.clock.advance(20_000)
    intent = 'drain'
    await rig.drive(provision)
    await cron(rig, 6)
    expect(rig.hub.counts().finished).toBe(2)
    rig.check()
  })

  it('ends what another job left behind: a machine whose job is over, or runs elsewhere, at once', async () => {
    using rig = createRig({ count: 3, knobs: { bootMs: [90_000, 100_000] } })
    await runOnce(rig)
    const [over, elsewhere] = [...rig.hub.jobs.values()]
    if (over) over.state = 'cancelled'
    if (elsewhere) Object.assign(elsewhere, { state: 'running', ran: ['somebody'] })
    await rig.sim.clock.advance(30_000)
    const { actions } = await runOnce(rig)
    expect(actions.map(({ kind, reason, why }) => [kind, reason, why]).sort()).toEqual([
      ['terminate', 'not-needed', 'its job is over, or was stopped, before it was up'],
      ['terminate', 'not-needed', 'its job runs on somebody'],
    ])
    await cron(rig, 5)
    expect(machinesOf(rig)).toBe(3)
    rig.check()
  })
})

describe('machines for any job', () => {
  const queue = { binding: 'queue', traits: { launchBatchMax: 50, pageSize: 1000 } } as const

  it('come for what waits, and for the share and the least that a pool keeps ready', async () => {
    using rig = createRig({
      ...queue,
      count: 10,
      jobMs: 20 * minute,
      pool: {
        capacity: { max: 50, min: 2, idle: 1, 'scale-factor': 0.4 },
        timeouts: { boot: '2m', agent: '1m', idle: '30m', job: '40m', total: '90m' },
      },
      idleMs: 30 * minute,
    })
    await cron(rig, 4)
    expect(rig.hub.counts().running).toBe(10)
    expect(aliveIn(rig)).toBe(14)
    await cron(rig, 70)
    expect(aliveIn(rig)).toBe(2)
  })

  it('go when none are needed before they are up, and not below the least', async () => {
    using rig = createRig({
      ...queue,
      count: 30,
      pool: { capacity: { max: 50, min: 3 } },
      traits: { ...queue.traits, console: 'live' },
      knobs: { bootMs: [50_000, 55_000] },
    })
    await runOnce(rig)
    for (const id of rig.hub.jobs.keys()) rig.hub.cancel(id)
    await rig.sim.clock.advance(20_000)
    const { actions } = await runOnce(rig, { forMs: 12_000 })
    expect(actions.filter(one => one.kind === 'terminate')).toHaveLength(27)
  })

  it('stay when the hub says once that nothing waits', async () => {
    using rig = createRig({
      ...queue,
      count: 5,
      traits: { ...queue.traits, console: 'live' },
      knobs: { bootMs: [50_000, 55_000] },
    })
    await runOnce(rig)
    const { queue: asked } = rig.hub
    rig.hub.queue = async () => {
      rig.hub.queue = asked
      return { jobIds: [], queuedCount: 0, runningCount: 0 }
    }
    const { actions } = await runOnce(rig, { forMs: 30_000 })
    expect(actions).toEqual([])
    await cron(rig, 4)
    expect(rig.hub.counts().finished).toBe(5)
    rig.check()
  })

  it('are raised by a schedule for as long as it says', async () => {
    using rig = createRig({
      ...queue,
      count: 0,
      idleMs: 5 * minute,
      pool: {
        capacity: {
          max: 9,
          // The simulation begins at midnight, UTC.
          schedules: [{ cron: '10 0 * * *', 'time-zone': 'UTC', for: '30m', idle: 4 }],
        },
      },
    })
    const ready: number[] = []
    for (let at = 0; at < 60; at++) {
      await cron(rig, 1)
      ready.push(aliveIn(rig))
    }
    expect(ready.slice(0, 9).every(count => count === 0)).toBe(true)
    expect(Math.max(...ready.slice(12, 40))).toBe(4)
    expect(ready.at(-1)).toBe(0)
    rig.check()
  })

  it('come once for each job of a stream, although their clouds show nothing of those that are over', async () => {
    using rig = createRig({
      ...{ binding: 'queue', count: 0, jobMs: 2 * minute, knobs: { bootMs: [40_000, 60_000] } },
      traits: { poweroff: 'deletes', console: 'none' },
    })
    const wake = new AbortController()
    const run = runOnce(rig, { forMs: 60 * minute, deadlineMs: 70 * minute, wake: wake.signal })
    for (let at = 0; at < 12; at++) {
      rig.hub.add(3)
      await rig.sim.clock.advance(23_000)
    }
    await rig.sim.clock.advance(8 * minute)
    wake.abort()
    const { actions } = await rig.drive(run)
    expect(actions.filter(one => one.kind === 'terminate')).toEqual([])
    expect(rig.hub.counts().finished).toBe(36)
    expect(machinesOf(rig)).toBe(36)
    rig.check()
  })

  it('fill a slot under a new name each time, and never more than are needed', async () => {
    using rig = createRig({ ...queue, count: 6, jobMs: 40_000 })
    await cron(rig, 3)
    rig.hub.add(6)
    await cron(rig, 6)
    expect(rig.hub.counts().finished).toBe(12)
    expect(machinesOf(rig)).toBe(12)
    expect(new Set(rig.sim.cloud.ledger.launches.map(one => one.launchId)).size).toBe(
      rig.sim.cloud.ledger.launches.length,
    )
    rig.check()
  })
})

describe('two hosts without a coordinator', () => {
  it('that see the same facts launch under the same names', async () => {
    using rig = createRig({ count: 6, pool: { shared: true }, knobs: { latencyMs: [10, 10] } })
    const ticks = await rig.drive(
      Promise.all(['one', 'two'].map(host => oneTick(rig, rig.process({ host })))),
    )
    const names = ticks.map(tick => tick.map(one => one.units).sort())
    expect(names[0]).toEqual(names[1])
    expect(new Set(rig.sim.cloud.ledger.launches.map(one => one.launchId)).size).toBe(6)
    expect(rig.sim.cloud.ledger.calls.get('launch')).toBe(12)
    expect(machinesOf(rig)).toBe(6)
    await cron(rig, 4)
    rig.check()
  })

  it('that see different facts may make a second machine: it never registers, and ends by itself', async () => {
    using rig = createRig({
      count: 4,
      pool: { shared: true, spec: { types: ['small', 'large'] } },
      traits: { listing: 'eventual', settleMs: 60_000 },
      knobs: { lagMs: [55_000, 60_000] },
    })
    // Both know the cloud, which is empty, before there are jobs.
    const [job] = [...rig.hub.jobs.values()]
    const waiting = [...rig.hub.jobs.values()]
    for (const one of waiting) one.state = 'cancelled'
    for (const host of ['one', 'two']) {
      await runOnce(rig, {}, rig.process({ host }))
      await rig.sim.clock.advance(61_000)
      await runOnce(rig, {}, rig.process({ host }))
    }
    const fresh = rig.hub.add(4)
    await runOnce(rig, {}, rig.process({ host: 'one' }))
    // The other one was told a minute ago that there is none of the first offering.
    const stockOut = {
      pool: 'p',
      offeringId: 'small/a/on-demand',
      count: 1,
      code: 'capacity-unavailable',
      message: '',
    } as const
    const journalOf = (journal: Journal) => {
      journal.saveStockOut({ ...stockOut, until: rig.sim.clock.now() + 3 * minute })
      return journal
    }
    await runOnce(rig, {}, rig.process({ host: 'two', journalOf }))
    expect(machinesOf(rig)).toBe(8)
    await cron(rig, 14)
    expect(fresh.every(one => one.state === 'finished' && one.ran.length === 1)).toBe(true)
    expect(job?.ran).toEqual([])
    expect(rig.sim.cloud.left(owner)).toEqual([])
    const idle = [...rig.sim.cloud.ledger.lives.values()].filter(
      ({ unitName = '' }) => !fresh.some(one => one.ran.includes(unitName)),
    )
    // Boot, and the agent's deadline, and a run of the controller.
    expect(idle.every(({ from, to = 0 }) => to - from < 3 * minute + 90_000)).toBe(true)
  })
})

describe('one pool', () => {
  it('is served alone, with the machines of its siblings counted', async () => {
    using rig = createRig({ count: 5, pools: [{ capacity: { max: 2 } }, { spec: { region: 'sim-2' } }] })
    const first = await runOnce(rig, { only: 'p' })
    expect(first.pools.map(({ pool, launched }) => [pool, launched])).toEqual([
      ['p', 2],
      ['p1', 0],
    ])
    await runOnce(rig, { only: 'p1' })
    expect(machinesOf(rig)).toBe(5)
    await cron(rig, 4)
    rig.check()
  })
})

describe('a sweep', () => {
  it('freezes when the whole fleet seems to be over, and says so', async () => {
    using rig = createRig({ count: 12, jobMs: 9 * minute })
    await cron(rig, 2)
    // Of the journal that would know better nothing is left, and this host's clock is a day ahead.
    const process = rig.process({ host: 'ahead' })
    const context = rig.context(process)
    const { clock } = context.effects
    const ahead = { ...clock, now: () => clock.now() + 24 * 60 * minute }
    const request = { dryRun: false, max: 1000, freezeShare: 0.5 }
    const reaped = await rig.drive(
      reap({ ...context, effects: { ...context.effects, clock: ahead } }, request),
    )
    expect(reaped).toMatchObject({ gone: [], left: [], postponed: { length: 12 } })
    expect(reaped.frozen).toMatch(/^12 of 12 running instances/)
    expect(rig.hub.counts().broken).toBe(0)
    await cron(rig, 14)
    rig.check()
  })
})

describe('capacity plan', () => {
  it('changes nothing, and says the same twice, until a run does it', async () => {
    using rig = createRig({ count: 3 })
    const plan = await planOnce(rig)
    expect(plan.actions).toMatchObject([
      { kind: 'launch', pool: 'p', why: expect.stringContaining('wait') },
      { kind: 'launch' },
      { kind: 'launch' },
    ])
    expect(await planOnce(rig)).toEqual(plan)
    expect(rig.sim.cloud.ledger.launches).toEqual([])
    await runOnce(rig)
    expect((await planOnce(rig)).actions).toEqual([])
    await cron(rig, 4)
    rig.check()
  })
})

describe('a journal that starts empty', () => {
  const eventual = { listing: 'eventual', settleMs: 20_000, launchBatchMax: 10 } as const

  it('launches nothing before a second look where lists lag, and makes no second machine', async () => {
    using rig = createRig({
      count: 6,
      traits: eventual,
      knobs: { lagMs: [10_000, 20_000], bootMs: [40_000, 60_000] },
    })
    await runOnce(rig, {}, rig.process({ host: 'one' }))
    const before = machinesOf(rig)
    const plan = await planOnce(rig)
    expect(plan.actions.filter(one => one.kind === 'launch')).toEqual([])
    expect(plan.strange).toHaveLength(1)
    await runOnce(rig, {}, rig.process({ host: 'two' }))
    expect(machinesOf(rig)).toBe(before)
    for (let at = 0; at < 8; at++) {
      await runOnce(rig, {}, rig.process({ host: `fresh-${at}` }))
      await rig.sim.clock.advance(40_000)
    }
    expect(rig.hub.counts().finished).toBe(6)
    expect(machinesOf(rig)).toBe(6)
    rig.check()
  })

  it('launches one by one where machines were there before it', async () => {
    using rig = createRig({ count: 2, jobMs: 4 * minute, traits: eventual })
    await runOnce(rig, {}, rig.process({ host: 'one' }))
    const first = rig.sim.cloud.ledger.launches.length
    rig.hub.add(4)
    await runOnce(rig, {}, rig.process({ host: 'two' }))
    expect(rig.sim.cloud.ledger.launches.slice(first).map(one => one.ids.length)).toEqual([1, 1, 1, 1])
    await cron(rig, 8)
    rig.check()
  })

  it('is the first of an installation: then batches go out at once', async () => {
    using rig = createRig({ count: 6, traits: eventual })
    await runOnce(rig)
    expect(rig.sim.cloud.ledger.launches.map(one => one.ids.length)).toEqual([6])
    await cron(rig, 5)
    rig.check()
  })
})
