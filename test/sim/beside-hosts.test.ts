import type { SimCoordinator } from '@agentctl/provider-sim'
import { describe, expect, it } from 'vitest'
import { capacityPlan } from '../../src/operations/capacity-plan.ts'
import type { Context } from '../../src/operations/context.ts'
import { explain } from '../../src/operations/explain.ts'
import { readHistory } from '../../src/operations/history.ts'
import { holdInstance } from '../../src/operations/instance-hold.ts'
import { listInstances, terminateInstances } from '../../src/operations/instances.ts'
import { reap } from '../../src/operations/reap.ts'
import { report } from '../../src/operations/report.ts'
import { openTop } from '../../src/operations/top.ts'
import { topJson } from '../../src/views/top.ts'
import { createRig, machinesOf, owner, type Rig } from './rig.ts'
import { coordinatorOf, type HostLife, startHost } from './together-rig.ts'

const minute = 60_000
const plugin = {
  ...{ name: 'coordinator-sim', version: '1.0.0', type: 'core', root: '/' },
  pjson: { agentctl: { contract: 1, coordinator: 'sim', schemes: ['sim'], entry: 'index.js' } },
}

/** What a command is given on some other machine, with the configuration of the hosts and a journal of its own. */
function desk(rig: Rig, coordinator: SimCoordinator): Context {
  const context = rig.context(rig.process({ host: 'desk' }))
  const seat = coordinator.host()
  return {
    ...context,
    settings: { ...context.settings, coordinator: { kind: 'address', address: 'sim://here' } },
    plugins: [...context.plugins, plugin],
    effects: { ...context.effects, loadCoordinator: async () => seat.module },
  }
}

interface Served {
  readonly rig: Rig
  readonly coordinator: SimCoordinator
  readonly at: Context
  readonly hosts: readonly HostLife[]
  end(): Promise<void>
}

function served(options: Parameters<typeof createRig>[0]): Served & Disposable {
  const rig = createRig(options)
  const coordinator = coordinatorOf(rig)
  const hosts = ['a', 'b'].map(name => startHost(rig, coordinator, name))
  return {
    ...{ rig, coordinator, hosts, at: desk(rig, coordinator) },
    async end() {
      for (const host of hosts) host.stop()
      await rig.drive(Promise.all(hosts.map(host => host.ended)))
    },
    [Symbol.dispose]: () => rig[Symbol.dispose](),
  }
}

describe('looking back, from anywhere', () => {
  it('shows what all hosts have seen', async () => {
    using it = served({ count: 4, jobMs: minute, binding: 'job' })
    const { rig, at } = it
    await rig.sim.clock.advance(6 * minute)
    const { lives, jobs, queues } = await rig.drive(readHistory(at, rig.startedAt))
    expect(lives.map(life => life.reason)).toEqual(Array(4).fill('job-finished'))
    expect(jobs).toHaveLength(4)
    expect(queues.length).toBeGreaterThan(0)
    const { figures } = await rig.drive(report(at, rig.startedAt))
    expect(figures.jobs.ran).toBe(4)

    const id = jobs[0]?.jobId ?? ''
    await expect(rig.drive(explain(at, id.slice(0, -1), { isLooking: true }))).rejects.toMatchObject({
      code: 'invalid-spec',
      message: expect.stringContaining('is the beginning of 4 jobs'),
    })
    const way = await rig.drive(explain(at, id, { isLooking: true }))
    expect(way).toMatchObject({ jobId: id, state: 'finished' })
    await it.end()
  })

  it('says why a job waits, and what is planned for it, and changes nothing', async () => {
    using it = served({ count: 3, jobMs: 30 * minute, binding: 'job', pool: { capacity: { max: 2 } } })
    const { rig, at, coordinator } = it
    await rig.sim.clock.advance(5 * minute)
    const before = coordinator.records(owner).length
    const plan = await rig.drive(capacityPlan(at, { only: undefined }))
    expect(plan.actions).toEqual([])
    expect(plan.picture.units.filter(({ unit }) => unit.phase === 'online')).toHaveLength(2)
    const waiting = [...plan.waits.keys()]
    expect(waiting).toHaveLength(1)
    const way = await rig.drive(explain(at, waiting[0] ?? '', { isLooking: true }))
    expect(way.state).toBe('waiting')
    expect(JSON.stringify(way)).toContain('its most machines, 2')
    expect(coordinator.records(owner).length).toBe(before)
    expect(machinesOf(rig)).toBe(2)
    await it.end()
  })
})

describe('top', () => {
  it('shows machines, waits, queues, and which host looks after which pool', async () => {
    using it = served({
      ...{ count: 3, jobMs: 300 * minute, binding: 'job' },
      pool: { capacity: { max: 2 }, timeouts: { job: '5h', total: '6h' } },
    })
    const { rig, at, hosts } = it
    // Launched, and queued, long ago.
    await rig.sim.clock.advance(70 * minute)
    const looks = await rig.drive(openTop(at))
    const top = topJson(await rig.drive(looks.look()))
    const keeper = hosts[0]?.facts.at(-1)?.held.includes('p') ? 'a' : 'b'
    expect(top).toMatchObject({
      owner,
      machines: 2,
      pools: [{ pool: 'p', max: 2, hosts: [keeper], machines: 2, phases: { online: 2 } }],
      types: [{ agentType: 's1-x', queued: 1, isHubLimited: false }],
      waits: [{ agentType: 's1-x', code: 'pool-full', jobs: 1 }],
      hosts: [
        { host: 'a', state: 'alive' },
        { host: 'b', state: 'alive' },
      ],
    })
    it.coordinator.goAway()
    await expect(rig.drive(looks.look())).rejects.toMatchObject({ code: 'unavailable' })
    it.coordinator.comeBack()
    await it.end()
    await rig.sim.clock.advance(20_000)
    expect(topJson(await rig.drive(looks.look()))).toMatchObject({
      machines: 2,
      pools: [{ hosts: [] }],
      // The simulated coordinator is not told of an end: it hears no more of them.
      hosts: [{ state: 'silent' }, { state: 'silent' }],
    })
  })
})

describe('acting beside the hosts', () => {
  it('a machine that a person ends is not doubled, and its job is not run twice', async () => {
    using it = served({ count: 2, jobMs: 10 * minute, binding: 'job' })
    const { rig, at } = it
    await rig.sim.clock.advance(3 * minute)
    const { instances } = await rig.drive(listInstances(at))
    expect(instances).toHaveLength(2)
    const id = instances[0]?.instance?.id ?? ''
    expect(await rig.drive(terminateInstances(at, [id]))).toEqual({ gone: [id], left: [] })
    await rig.sim.clock.advance(20 * minute)
    expect(machinesOf(rig)).toBe(2)
    await it.end()
    rig.check({ concurrency: 2 })
    expect(rig.sim.cloud.left(owner)).toEqual([])
  })

  it('a machine on its way that a person ends is made again, as another attempt', async () => {
    using it = served({ count: 1, jobMs: minute, binding: 'job' })
    const { rig, at } = it
    await rig.sim.clock.advance(8_000)
    await rig.drive(terminateInstances(at, 'all'))
    await rig.sim.clock.advance(10 * minute)
    expect(rig.hub.counts()).toMatchObject({ finished: 1, queued: 0, broken: 0 })
    const { lives } = await rig.drive(readHistory(at, rig.startedAt))
    expect(lives.map(({ attempt }) => attempt).toSorted()).toEqual([1, 2])
    await it.end()
    rig.check({ concurrency: 1 })
  })

  it('reap leaves what the hosts have on its way alone, and ends orphans while the coordinator is away', async () => {
    using it = served({ count: 3, jobMs: 10 * minute, binding: 'job' })
    const { rig, at, coordinator } = it
    await rig.sim.clock.advance(4_000)
    const early = await rig.drive(reap(at, { dryRun: false, max: 1000, freezeShare: 1 }))
    expect(early).toMatchObject({ orphans: [], settled: [], unknown: [] })
    await it.end()
    coordinator.goAway()
    await rig.sim.clock.advance(26 * 60 * minute)
    await rig.drive(reap(at, { dryRun: false, max: 1000, freezeShare: 1 }))
    expect(rig.sim.cloud.left(owner)).toEqual([])
    rig.check({ concurrency: 3 })
  })

  it('a hold is seen by whoever holds the work', async () => {
    using it = served({ count: 1, jobMs: minute, binding: 'job' })
    const { rig, at } = it
    await rig.sim.clock.advance(40_000)
    const { instances } = await rig.drive(listInstances(at))
    const id = instances[0]?.instance?.id ?? ''
    await rig.drive(holdInstance(at, id, 30 * minute))
    await rig.sim.clock.advance(10 * minute)
    expect((await rig.drive(listInstances(at))).instances.map(one => one.instance?.id)).toEqual([id])
    await rig.sim.clock.advance(30 * minute)
    expect((await rig.drive(listInstances(at))).instances).toEqual([])
    await it.end()
  })
})
