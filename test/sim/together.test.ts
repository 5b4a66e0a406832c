import type { SimCoordinator } from '@agentctl/provider-sim'
import { describe, expect, it } from 'vitest'
import { createRig, machinesOf, owner, type Rig } from './rig.ts'
import { coordinatorOf, startHost } from './together-rig.ts'

const minute = 60_000

describe('hosts that look after the same pools', () => {
  it('serve each job with one machine, and share the works', async () => {
    using rig = createRig({ count: 12, jobMs: minute, binding: 'job' })
    const coordinator = coordinatorOf(rig)
    const hosts = ['a', 'b'].map(name => startHost(rig, coordinator, name))
    await rig.sim.clock.advance(6 * minute)
    expect(rig.hub.counts()).toMatchObject({ finished: 12, queued: 0, broken: 0 })
    expect(machinesOf(rig)).toBe(12)
    expect(hosts.map(host => host.facts.at(-1)?.held.length)).toEqual([1, 1])
    for (const host of hosts) host.stop()
    await rig.drive(Promise.all(hosts.map(host => host.ended)))
    rig.check({ concurrency: 12 })
  })

  it('take over from one that dies, within seconds', async () => {
    using rig = createRig({ count: 5, jobMs: 3 * minute, binding: 'job' })
    const coordinator = coordinatorOf(rig)
    const hosts = ['a', 'b'].map(name => startHost(rig, coordinator, name))
    await rig.sim.clock.advance(20_000)
    const [busy, other] = hosts[0]?.facts.at(-1)?.held.includes('p') ? hosts : hosts.toReversed()
    if (!busy || !other) throw new Error('There are two hosts')
    busy.seat.drop()
    busy.process.drop()
    rig.hub.add(3)
    await rig.sim.clock.advance(15_000)
    expect(other.facts.at(-1)?.held.toSorted()).toEqual(['*', 'p'])
    await rig.sim.clock.advance(8 * minute)
    expect(rig.hub.counts()).toMatchObject({ finished: 8, queued: 0, broken: 0 })
    expect(machinesOf(rig)).toBe(8)
    other.stop()
    await rig.drive(other.ended)
    expect(rig.sim.cloud.left(owner)).toEqual([])
    rig.check({ concurrency: 8 })
  })

  it('never have more machines than all of them together may have', async () => {
    using rig = createRig({ count: 9, jobMs: minute, binding: 'job', max: 3 })
    const coordinator = coordinatorOf(rig)
    const hosts = ['a', 'b'].map(name => startHost(rig, coordinator, name))
    await rig.sim.clock.advance(20 * minute)
    expect(rig.hub.counts()).toMatchObject({ finished: 9, queued: 0 })
    for (const host of hosts) host.stop()
    await rig.drive(Promise.all(hosts.map(host => host.ended)))
    rig.check({ concurrency: 3 })
  })

  it('go on after their coordinator was away', async () => {
    using rig = createRig({ count: 4, jobMs: minute, binding: 'job' })
    const coordinator = coordinatorOf(rig)
    const host = startHost(rig, coordinator, 'a')
    await rig.sim.clock.advance(10_000)
    coordinator.goAway()
    rig.hub.add(4)
    await rig.sim.clock.advance(minute)
    expect(machinesOf(rig)).toBe(4)
    coordinator.comeBack()
    await rig.sim.clock.advance(8 * minute)
    expect(rig.hub.counts()).toMatchObject({ finished: 8, queued: 0, broken: 0 })
    expect(machinesOf(rig)).toBe(8)
    host.stop()
    await rig.drive(host.ended)
    rig.check({ concurrency: 8 })
  })

  it('give back what they no longer look after, however long that takes', async () => {
    using rig = createRig({ count: 0, binding: 'job' })
    const coordinator = coordinatorOf(rig)
    const [a, b] = ['a', 'b'].map(name => startHost(rig, coordinator, name))
    await rig.sim.clock.advance(20_000)
    coordinator.inject('refused', 'release', 45)
    await rig.drive(drain(rig, coordinator, 'a'))
    await rig.sim.clock.advance(40_000)
    expect(a?.facts.at(-1)).toMatchObject({ beat: { isDraining: true }, held: [expect.any(String)] })
    await rig.sim.clock.advance(40_000)
    expect(a?.facts.at(-1)?.held).toEqual([])
    expect(b?.facts.at(-1)?.held.toSorted()).toEqual(['*', 'p'])
  })

  it('keep nothing from others while they load a new configuration', async () => {
    using rig = createRig({ count: 0, binding: 'job' })
    const coordinator = coordinatorOf(rig)
    const [a, b] = ['a', 'b'].map(name => startHost(rig, coordinator, name))
    await rig.sim.clock.advance(20_000)
    coordinator.inject('refused', 'release', 45)
    a?.reload()
    await rig.sim.clock.advance(2 * minute)
    rig.hub.add(2, 30_000)
    await rig.sim.clock.advance(4 * minute)
    expect(rig.hub.counts()).toMatchObject({ finished: 2 })
    expect([a, b].flatMap(host => host?.facts.at(-1)?.held).toSorted()).toEqual(['*', 'p'])
  })

  it('that are told to end do not wait for a coordinator that is away', async () => {
    using rig = createRig({ count: 0, binding: 'job' })
    const coordinator = coordinatorOf(rig)
    const host = startHost(rig, coordinator, 'a')
    await rig.sim.clock.advance(20_000)
    coordinator.goAway()
    host.stop()
    await rig.drive(host.ended, 2 * minute)
  })

  it('leave to others what their own pools may not have', async () => {
    using rig = createRig({
      count: 9,
      jobMs: 5 * minute,
      binding: 'job',
      max: 5,
      pool: { capacity: { max: 2 } },
    })
    const coordinator = coordinatorOf(rig)
    const host = startHost(rig, coordinator, 'a')
    await rig.sim.clock.advance(minute)
    expect(rig.hub.counts()).toMatchObject({ running: 2, queued: 7 })
    const { effects, log } = rig.context()
    const { clock, random } = effects
    const deps = { owner, address: 'sim://here', host: 'b', version: '1.0.0', clock, random, log }
    const granted = async () => {
      await using other = await coordinator.host().module.open(deps)
      await other.offer([{ name: 'other', subjects: ['other'] }])
      await other.beat({ machines: 0 })
      const tenure = await other.take()
      return tenure?.grant(5, 5)
    }
    expect(await rig.drive(granted())).toBe(3)
    host.stop()
    await rig.drive(host.ended)
  })

  it('tell of a breaker what the first machine said that failed, also when another host saw it', async () => {
    using rig = createRig({
      count: 40,
      binding: 'job',
      pool: { attempts: 2, capacity: { max: 5 } },
      knobs: { bootFailure: { chance: 1, text: 'cloud-init: no datasource found' } },
    })
    const coordinator = coordinatorOf(rig)
    const first = startHost(rig, coordinator, 'a')
    const isOpen = (host: typeof first) => host.ticks.at(-1)?.breakers.find(one => one.openUntil > 0)
    for (let at = 0; at < 40 && !isOpen(first); at++) await rig.sim.clock.advance(30_000)
    expect(isOpen(first)?.consoleTail).toContain('datasource')
    first.stop()
    await rig.drive(first.ended)
    for (const { id } of rig.hub.jobs.values()) rig.hub.cancel(id)
    const second = startHost(rig, coordinator, 'b')
    await rig.sim.clock.advance(minute)
    expect(isOpen(second)?.consoleTail).toContain('datasource')
    second.stop()
    await rig.drive(second.ended)
  })
})

/** As a person does from another host. */
async function drain(rig: Rig, coordinator: SimCoordinator, host: string): Promise<void> {
  const { effects, log } = rig.context()
  const { clock, random } = effects
  const deps = { owner, address: 'sim://here', host: 'desk', version: '1.0.0', clock, random, log }
  const desk = await coordinator.host().module.open(deps)
  expect(await desk.drain(host, true)).toBe(true)
}
