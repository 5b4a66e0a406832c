import type { ResourceKind } from '@agentctl/contract'
import { describe, expect, it } from 'vitest'
import { createRig, machinesOf, owner, type Rig, tally } from '../sim/rig.ts'

const second = 1_000
const minute = 60 * second
const lives = ({ sim }: Rig) => [...sim.cloud.ledger.lives.values()]
const terminates = ({ sim }: Rig) => sim.cloud.ledger.calls.get('terminate') ?? 0
const kindsLeft = ({ sim }: Rig) => sim.cloud.left(owner).map(line => line.split(' ')[0])

/** Long enough for jobs that are still running when something goes wrong. */
const patient = { timeouts: { job: '30m', total: '60m' } }

// https://github.com/ansible-collections/amazon.aws/issues/1810
describe('a fresh machine that nobody can see yet', () => {
  it('is made once, and a reap of another host does not end it', async () => {
    using rig = createRig({
      count: 6,
      traits: { listing: 'eventual', settleMs: 100 * second },
      knobs: { lagMs: [60 * second, 90 * second] },
    })
    const run = rig.provision()
    await rig.sim.clock.advance(30 * second)
    const reaped = await rig.drive(rig.reap(rig.process({ host: 'other' })))
    expect(reaped.orphans).toEqual([])
    expect(tally(await rig.drive(run))).toEqual({ done: 6 })
    expect(machinesOf(rig)).toBe(6)
    expect(rig.hub.counts().broken).toBe(0)
    rig.check()
  })

  it('is not taken for gone, nor is its end, when a call about it alone gets a 404 that is not true', async () => {
    using rig = createRig({ count: 4, jobMs: 30 * second })
    const run = rig.provision()
    await rig.sim.clock.advance(20 * second)
    rig.sim.cloud.turn({ chances: { describe: { 'not-found': 1 }, terminate: { 'not-found': 1 } } })
    await rig.sim.clock.advance(2 * minute)
    const { faults } = rig.sim.cloud.ledger
    expect(faults.get('terminate not-found')).toBeGreaterThan(0)
    expect(kindsLeft(rig)).toContain('instance')
    rig.sim.cloud.turn({ chances: {} })
    expect(tally(await rig.drive(run))).toEqual({ done: 4 })
    expect(machinesOf(rig)).toBe(4)
    rig.check()
  })
})

// https://github.com/hashicorp/packer/issues/1367
describe('what a create call makes', () => {
  const auxiliary: readonly ResourceKind[] = ['disk', 'interface', 'address', 'spot-request']

  it('is tagged in that call, every part of it: a controller that dies right after it hides nothing', async () => {
    using rig = createRig({ count: 1, traits: { auxiliary }, spec: { market: ['spot', 'on-demand'] } })
    const process = rig.process({
      atBoundary(boundary, operation) {
        if (boundary !== 'accepted' || operation !== 'launch') return
        process.drop()
        throw new Error('dropped')
      },
    })
    await rig.drive(rig.provision({ patienceMs: 20 * second }, process)).catch(() => undefined)
    const made = rig.sim.cloud.resources().map(({ kind }) => kind)
    expect(new Set(made)).toEqual(new Set(['instance', ...auxiliary]))
    expect(kindsLeft(rig)).toHaveLength(made.length)
    expect(rig.sim.cloud.ledger.ownerless).toEqual([])
    await rig.sim.clock.advance(30 * minute)
    await rig.drive(rig.reap(rig.process({ host: 'other' })))
    rig.check()
  })
})

// https://github.com/github-aws-runners/terraform-aws-github-runner/issues/35
describe('a step after the create that fails', () => {
  it('leaves no machine that counts as over: one that may not be ended is told, and goes once it may', async () => {
    using rig = createRig({ count: 3, jobMs: 5 * second })
    rig.sim.cloud.turn({ chances: { terminate: { 'access-denied': 1 } } })
    const result = await rig.drive(rig.provision({ patienceMs: 5 * minute }), 60 * minute)
    expect(result.stoppedBy?.code).toBe('permission-denied')
    expect(kindsLeft(rig)).toContain('instance')
    const denied = await rig.drive(rig.reap())
    expect(denied.error?.code).toBe('permission-denied')
    expect(denied.left.length).toBeGreaterThan(0)
    rig.sim.cloud.turn({ chances: {} })
    const allowed = await rig.drive(rig.reap())
    expect([...allowed.left, ...allowed.unknown]).toEqual([])
    expect(kindsLeft(rig)).toEqual([])
    expect(rig.violations().filter(words => !words.includes('past expiry'))).toEqual([])
  })
})

// https://github.com/github-aws-runners/terraform-aws-github-runner/issues/44
describe('a spot machine that is taken back', () => {
  it.each([
    ['while it starts', 2 * second],
    ['while it boots', 10 * second],
    ['while its agent registers', 21 * second],
    ['while its job runs', 60 * second],
    ['while its job ends', 79 * second],
  ])('%s leaves nothing behind, and its job runs at most once', async (_, afterMs) => {
    using rig = createRig({
      count: 4,
      jobMs: minute,
      traits: { auxiliary: ['disk', 'spot-request'] },
      spec: { market: ['spot', 'on-demand'] },
      knobs: { bootMs: [18 * second, 18 * second], reclaim: { chance: 1, afterMs: [afterMs, afterMs] } },
    })
    const result = await rig.run()
    const { finished = 0, broken = 0, queued = 0 } = rig.hub.counts()
    expect([finished + broken, queued]).toEqual([4, 0])
    const { done = 0, failed = 0 } = tally(result)
    expect([done, failed]).toEqual([finished, broken])
    expect([...rig.sim.cloud.ledger.faults.keys()].join()).toContain('reclaim ')
    rig.check()
  })
})

// https://github.com/github-aws-runners/terraform-aws-github-runner/issues/278
describe('a storm of throttling', () => {
  it.each(['throttled', 'server-error', 'partial'] as const)(
    'on every list (%s): reap ends nothing, and says that it does not know',
    async fault => {
      using rig = createRig({ count: 4, jobMs: 10 * minute, pool: patient })
      const run = rig.provision()
      await rig.sim.clock.advance(minute)
      const before = terminates(rig)
      rig.sim.cloud.turn({ chances: { list: { [fault]: 1 } } })
      const reaped = await rig.drive(rig.reap(rig.process({ host: 'other' })))
      expect(reaped.unknown.length + (reaped.error ? 1 : 0)).toBeGreaterThan(0)
      expect(terminates(rig)).toBe(before)
      rig.sim.cloud.turn({ chances: {} })
      expect(tally(await rig.drive(run))).toEqual({ done: 4 })
      rig.check()
    },
  )
})

// https://github.com/Azure/azure-cli/issues/22158
describe('disks, interfaces and addresses that stay when their machine goes', () => {
  it('are found by a host without a journal, and go', async () => {
    const auxiliary: readonly ResourceKind[] = ['disk', 'interface', 'address']
    using rig = createRig({
      count: 3,
      jobMs: 5 * second,
      traits: { auxiliary },
      knobs: { leftovers: { disk: 1, interface: 1, address: 1 } },
    })
    rig.sim.cloud.inject('half-made', 'launch')
    expect(tally(await rig.run())).toEqual({ done: 3 })
    for (let look = 0; look < 2; look++) {
      await rig.drive(rig.reap(rig.process({ host: 'other' })))
      await rig.sim.clock.advance(minute)
    }
    expect(kindsLeft(rig)).toEqual([])
    rig.check()
  })
})

// https://github.com/taskcluster/taskcluster/issues/8387
describe('an operation whose handle is lost', () => {
  it('is no reason to end a machine that is busy, nor to make another one', async () => {
    using rig = createRig({ count: 5, jobMs: 2 * minute })
    rig.sim.cloud.inject('hang', 'launch', { times: 3 })
    rig.sim.cloud.inject('answer-lost', 'terminate', { times: 3 })
    rig.sim.cloud.inject('hang', 'terminate', { times: 1 })
    expect(tally(await rig.run())).toEqual({ done: 5 })
    expect(rig.hub.counts()).toMatchObject({ finished: 5, broken: 0 })
    expect(machinesOf(rig)).toBe(5)
    rig.check()
  })
})

// https://github.com/sardinasystems/fleeting-plugin-openstack/issues/21
describe('a machine in an error state', () => {
  it('is ended, and its job gets another one', async () => {
    using rig = createRig({ count: 4, knobs: { breakChance: 1 } })
    const run = rig.provision()
    await rig.sim.clock.advance(5 * second)
    rig.sim.cloud.turn({ breakChance: 0 })
    // Well before the deadline of a boot.
    await rig.sim.clock.advance(minute)
    expect(rig.sim.cloud.resources().filter(({ status }) => status === 'broken')).toEqual([])
    expect(lives(rig).filter(life => life.to !== undefined)).toHaveLength(4)
    expect(tally(await rig.drive(run))).toEqual({ done: 4 })
    expect(machinesOf(rig)).toBe(8)
    rig.check()
  })

  it('of a name that nobody knows keeps its job, and goes at its deadline at the latest', async () => {
    using rig = createRig({ count: 2, jobMs: 2 * minute })
    const run = rig.provision()
    await rig.sim.clock.advance(50 * second)
    for (const { kind, id, scope } of rig.sim.cloud.resources())
      if (kind === 'instance') rig.sim.cloud.setStatus({ kind, id, scope }, 'rebalancing')
    const before = terminates(rig)
    await rig.sim.clock.advance(minute)
    expect(terminates(rig)).toBe(before)
    await rig.drive(run)
    await rig.sim.clock.advance(20 * minute)
    await rig.drive(rig.reap())
    expect(rig.hub.counts().broken).toBe(0)
    expect(kindsLeft(rig)).toEqual([])
  })
})
