import { contractError } from '@agentctl/contract'
import { describe, expect, it } from 'vitest'
import { codeOfWant } from '../../src/fleet/outcome.ts'
import type { ProvisionResult } from '../../src/operations/provision.ts'
import { jobIdOf, outage } from './queue.ts'
import { createRig, machinesOf, owner, tally } from './rig.ts'

const minute = 60_000
const codesOf = ({ wants }: ProvisionResult) => [...new Set(wants.map(({ state }) => codeOfWant(state)))]

describe('the hub', () => {
  it('that is away at first is waited for', async () => {
    using rig = createRig({ count: 2 })
    rig.hub.outage = outage()
    rig.sim.clock.schedule(rig.sim.clock.now() + 30_000, () => {
      rig.hub.outage = undefined
    })
    expect(tally(await rig.run())).toEqual({ done: 2 })
    rig.check()
  })

  it('that is away for long is told', async () => {
    using rig = createRig({ count: 2 })
    rig.hub.outage = contractError('rate-limited', 'slow down', { retryAfterMs: 3_600_000 })
    const startedAt = rig.sim.clock.now()
    await expect(rig.run()).rejects.toMatchObject({ code: 'rate-limited' })
    expect(rig.sim.clock.now() - startedAt).toBeLessThan(2 * minute)
  })

  it('that answers 500 while jobs run ends none of them', async () => {
    using rig = createRig({ count: 6, jobMs: 5 * minute })
    const run = rig.provision()
    await rig.sim.clock.advance(2 * minute)
    rig.hub.outage = outage()
    await rig.sim.clock.advance(3 * minute)
    expect(rig.hub.counts()).toMatchObject({ running: 6, broken: 0 })
    expect(tally(await rig.drive(run))).toEqual({ done: 6 })
    rig.check()
  })

  it('that shows no agents for a moment ends no job', async () => {
    using rig = createRig({ count: 3, jobMs: 9 * minute })
    const run = rig.provision()
    const { agents } = rig.hub
    for (const at of [2, 8]) {
      await rig.sim.clock.advance(at * minute - (at > 2 ? 2 * minute + 5_000 : 0))
      rig.hub.agents = async () => new Map()
      await rig.sim.clock.advance(5_000)
      rig.hub.agents = agents
    }
    expect(tally(await rig.drive(run))).toEqual({ done: 3 })
    expect(rig.hub.counts().broken).toBe(0)
    rig.check()
  })

  it('that lists 500 jobs and grants 5 makes no storm, and spends no attempts', async () => {
    using rig = createRig({ count: 500, jobMs: 9 * minute, traits: { launchBatchMax: 15 } })
    rig.hub.ceiling = 5
    let limited: readonly string[] = []
    const result = await rig.run({
      concurrency: 15,
      patienceMs: 3 * minute,
      onTick: one => {
        limited = one.hubLimited
      },
    })
    expect(limited).toEqual(['s1-x'])
    expect(tally(result).failed).toBeUndefined()
    expect(codesOf(result)).toContain('quota-exceeded')
    // What was launched before the first refusal, and a probe every 15 seconds until the patience was over.
    expect(machinesOf(rig)).toBeLessThan(60)
    expect(rig.hub.counts()).toMatchObject({ finished: 5, running: 0 })
    rig.check({ concurrency: 15 })
  })

  it('that grants again gets all its jobs done', async () => {
    using rig = createRig({ count: 8, jobMs: 20_000 })
    rig.hub.ceiling = 0
    const run = rig.provision({ concurrency: 4 })
    await rig.sim.clock.advance(3 * minute)
    rig.hub.ceiling = Number.POSITIVE_INFINITY
    expect(tally(await rig.drive(run))).toEqual({ done: 8 })
    rig.check({ concurrency: 4 })
  })
})

describe('a job', () => {
  it.each([
    ['cancelled before its machine is up', 'cancelled'],
    ['taken by another agent', 'running'],
  ] as const)('%s costs one machine, and slows down no other', async (_, state) => {
    using rig = createRig({ count: 10 })
    const run = rig.provision({ concurrency: 5 })
    await rig.sim.clock.advance(2_000)
    const job = rig.hub.jobs.get(jobIdOf(1))
    if (job) job.state = state
    const result = await rig.drive(run)
    expect(tally(result)).toEqual({ done: 10 })
    expect(machinesOf(rig)).toBe(10)
    expect(result.hubLimited).toEqual([])
    rig.check({ concurrency: 5 })
  })

  it('whose machine is reclaimed before it starts gets another one, not spot', async () => {
    using rig = createRig({
      count: 2,
      spec: { market: ['spot', 'on-demand'] },
      knobs: { reclaim: { chance: 1, afterMs: [12_000, 14_000] } },
    })
    expect(tally(await rig.run())).toEqual({ done: 2 })
    expect(rig.hub.counts().finished).toBe(2)
    expect(rig.sim.cloud.ledger.launches.map(one => one.offeringId).slice(2)).toEqual([
      'small/a/on-demand',
      'small/a/on-demand',
    ])
    rig.check()
  })

  it('whose machine is reclaimed before it starts costs neither an attempt nor the breaker', async () => {
    using rig = createRig({
      count: 12,
      pool: { attempts: 1 },
      spec: { market: ['spot', 'on-demand'] },
      knobs: { reclaim: { chance: 1, afterMs: [12_000, 14_000] } },
    })
    expect(tally(await rig.run())).toEqual({ done: 12 })
    expect(machinesOf(rig)).toBe(24)
    expect(rig.lines.filter(line => line.includes('boot-failed'))).toEqual([])
    rig.check()
  })

  it.each([
    [100, undefined],
    [101, 'pools.p.agent.interruption-grace-period'],
  ])('with a grace period of %i s on spot machines of a cloud that gives 100 s', async (grace, path) => {
    using rig = createRig({
      count: 1,
      pool: { agent: { 'interruption-grace-period': grace } },
      spec: { market: ['spot', 'on-demand'] },
      traits: { spotGraceMsMax: 100_000 },
    })
    const run = rig.run()
    if (path === undefined) return expect(tally(await run)).toEqual({ done: 1 })
    await expect(run).rejects.toMatchObject({
      code: 'invalid-spec',
      problems: [{ path, message: expect.stringContaining('at most 100 seconds') }],
    })
    expect(machinesOf(rig)).toBe(0)
  })

  it('whose machine is reclaimed while it runs is not run again, and is told as failed', async () => {
    using rig = createRig({
      count: 2,
      jobMs: 8 * minute,
      spec: { market: ['spot', 'on-demand'] },
      knobs: { reclaim: { chance: 1, afterMs: [2 * minute, 3 * minute] } },
    })
    const result = await rig.run()
    expect(rig.hub.counts().broken).toBe(2)
    expect(machinesOf(rig)).toBe(2)
    expect(tally(result)).toEqual({ failed: 2 })
    rig.check()
  })

  it('that outlives every limit is ended with its machine', async () => {
    using rig = createRig({ count: 1, jobMs: 100 * minute })
    const result = await rig.run()
    expect(tally(result)).toEqual({ failed: 1 })
    expect(result.units.map(view => view.unit.reason)).toEqual(['expired'])
    rig.check()
  })
})

describe('nobody to say who is online', () => {
  it.each([
    ['a console at the end', { console: 'on-demand', poweroff: 'stops' }],
    ['a console of the terminated', { console: 'on-demand', poweroff: 'deletes', endedShownMs: 10 * minute }],
    ['a live console', { console: 'live' }],
  ] as const)('is made up for by %s', async (_, traits) => {
    using rig = createRig({ count: 5, hasApiToken: false, traits })
    const result = await rig.run()
    expect(tally(result)).toEqual({ done: 5 })
    expect(result.units.map(view => view.unit.reason)).toEqual(Array(5).fill('job-finished'))
    rig.check()
  })

  it('nor a console: done is what is not queued any more', async () => {
    using rig = createRig({ count: 5, hasApiToken: false, traits: { console: 'none', poweroff: 'deletes' } })
    expect(tally(await rig.run())).toEqual({ done: 5 })
    expect(machinesOf(rig)).toBe(5)
    rig.check()
  })

  it('nor a console, and every boot fails: the attempts end it', async () => {
    const traits = { console: 'none', poweroff: 'deletes' } as const
    using rig = createRig({
      count: 2,
      hasApiToken: false,
      traits,
      knobs: { bootFailure: { chance: 1, text: '' } },
    })
    const result = await rig.run()
    expect(tally(result)).toEqual({ failed: 2 })
    expect(machinesOf(rig)).toBe(6)
    rig.check()
  })

  it('and machines of a count end: they are not launched for ever', async () => {
    const traits = { console: 'none', poweroff: 'deletes' } as const
    using rig = createRig({ count: 20, hasApiToken: false, traits })
    const result = await rig.run({ demand: { kind: 'count', count: 3 } })
    expect(tally(result)).toEqual({ done: 3 })
    expect(machinesOf(rig)).toBe(3)
    rig.check()
  })
})

describe('Ctrl-C', () => {
  it('ends what has no agent yet, leaves jobs alone, and returns within seconds', async () => {
    using rig = createRig({ count: 8, knobs: { bootMs: [10_000, 60_000] } })
    let intent: 'run' | 'drain' = 'run'
    const run = rig.provision({ intent: () => intent })
    await rig.sim.clock.advance(40_000)
    intent = 'drain'
    const stoppedAt = rig.sim.clock.now()
    const { running } = rig.hub.counts()
    expect(running).toBeGreaterThan(0)
    await rig.drive(run)
    expect(rig.sim.clock.now() - stoppedAt).toBeLessThan(15_000)
    await rig.sim.clock.advance(20 * minute)
    expect(rig.hub.counts().broken).toBe(0)
    await rig.drive(rig.reap())
    rig.check()
  })

  it('and again: the next command does what was left', async () => {
    using rig = createRig({ count: 4, knobs: { bootMs: [50_000, 60_000] } })
    let intent: 'run' | 'drain' = 'run'
    const run = rig.provision({ intent: () => intent })
    await rig.sim.clock.advance(20_000)
    intent = 'drain'
    await rig.drive(run)
    expect(rig.hub.counts().queued).toBe(4)
    expect(tally(await rig.run())).toEqual({ done: 4 })
    expect(rig.hub.counts().finished).toBe(4)
    rig.check()
  })

  it('with --terminate ends everything', async () => {
    using rig = createRig({ count: 4, jobMs: 9 * minute })
    let intent: 'run' | 'end' = 'run'
    const run = rig.provision({ intent: () => intent })
    await rig.sim.clock.advance(2 * minute)
    intent = 'end'
    await rig.drive(run)
    await rig.sim.clock.advance(10_000)
    expect(rig.sim.cloud.left(owner)).toEqual([])
    rig.check()
  })
})

describe('two commands at once', () => {
  it('share the queue without a second machine for any job', async () => {
    using rig = createRig({ count: 10 })
    const [one, other] = [rig.provision({ concurrency: 5 }), rig.provision({ concurrency: 5 })]
    const results = await rig.drive(Promise.all([one, other]))
    expect(rig.hub.counts().finished).toBe(10)
    expect(results.flatMap(({ wants }) => wants).filter(({ state }) => state.state === 'failed')).toEqual([])
    rig.check({ concurrency: 10 })
  })
})
