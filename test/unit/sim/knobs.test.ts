import { createSim, minutesPastExpiry, mostAlive, type SimOptions } from '@agentctl/provider-sim'
import { describe, expect, it } from 'vitest'
import { callOf, codeOf, listOf, requestOf } from './request.ts'

async function simWith(options: SimOptions, spec: object = {}) {
  const sim = createSim(options)
  const provider = sim.open('acme')
  let made = 0
  const request = (units = 1) => {
    made += 1
    return requestOf(sim, provider, `launch ${made}`, { units, spec })
  }
  const launch = async (units = 1) => provider.launch(await request(units), callOf(sim.clock))
  return { ...sim, provider, request, launch }
}

describe('faults of one call', () => {
  it('late: no answer, then the instance', async () => {
    const sim = await simWith({ knobs: { lateMs: [40_000, 40_000] } })
    sim.cloud.inject('late', 'launch')
    expect(await codeOf(sim, sim.launch())).toBe('outcome-unknown')
    expect(await listOf(sim, sim.provider)).toEqual([])
    await sim.clock.advance(41_000)
    expect(await listOf(sim, sim.provider)).toHaveLength(2)
  })

  it('late, and repeated before: one instance', async () => {
    const sim = await simWith({ knobs: { lateMs: [40_000, 40_000] } })
    const request = await sim.request()
    sim.cloud.inject('late', 'launch')
    await codeOf(sim, sim.provider.launch(request, callOf(sim.clock)))
    await sim.clock.drive(sim.provider.launch(request, callOf(sim.clock)))
    await sim.clock.advance(41_000)
    expect(sim.cloud.ledger.lives.size).toBe(1)
  })

  it.each([
    ['token', 1],
    ['name', 1],
    ['tag-lookup', 2],
  ] as const)('duplicate delivery with %s makes %i', async (idempotency, count) => {
    const sim = await simWith({ traits: { idempotency } })
    sim.cloud.inject('duplicate', 'launch')
    await sim.clock.drive(sim.launch())
    expect(sim.cloud.ledger.lives.size).toBe(count)
  })

  it.each([
    ['request-lost', 'outcome-unknown', 0],
    ['answer-lost', 'outcome-unknown', 1],
    ['hang', 'outcome-unknown', 1],
    ['server-error', 'unavailable', 0],
    ['throttled', 'rate-limited', 0],
    ['stock-out', 'capacity-unavailable', 0],
    ['quota', 'quota-exceeded', 0],
    ['bad-credentials', 'unauthenticated', 0],
    ['access-denied', 'permission-denied', 0],
    ['half-made', 'capacity-unavailable', 1],
  ] as const)('a launch that meets %s is %s and leaves %i', async (fault, code, count) => {
    const sim = await simWith({})
    const request = await sim.request()
    sim.cloud.inject(fault, 'launch')
    expect(await codeOf(sim, sim.provider.launch(request, callOf(sim.clock)))).toBe(code)
    expect(sim.cloud.ledger.lives.size).toBe(count)
  })

  it('slow: accepted, after more time than the call had', async () => {
    const sim = await simWith({ knobs: { slowMs: [90_000, 90_000] } })
    const request = await sim.request()
    sim.cloud.inject('slow', 'launch')
    expect(await codeOf(sim, sim.provider.launch(request, callOf(sim.clock)))).toBe('outcome-unknown')
  })

  it('chances are rolled, the same for the same seed', async () => {
    const outcomes = async (seed: string) => {
      const sim = await simWith({
        seed,
        knobs: { chances: { launch: { 'stock-out': 0.3, throttled: 0.3 } } },
      })
      const codes = []
      for (let count = 0; count < 30; count += 1) codes.push(await codeOf(sim, sim.launch()))
      return codes
    }
    const first = await outcomes('one')
    expect(new Set(first)).toEqual(new Set(['no error', 'capacity-unavailable', 'rate-limited']))
    expect(await outcomes('one')).toEqual(first)
    expect(await outcomes('two')).not.toEqual(first)
  })
})

describe('a cloud with bounds', () => {
  it('stock runs out by offering, and comes back', async () => {
    const sim = await simWith({ traits: { launchBatchMax: 5 }, knobs: { stock: { 'small/a/on-demand': 3 } } })
    const { instances, shortfall } = await sim.clock.drive(sim.launch(5))
    expect([instances.length, shortfall?.code]).toEqual([3, 'capacity-unavailable'])
    expect(await codeOf(sim, sim.launch())).toBe('capacity-unavailable')
    sim.cloud.turn({ stock: {} })
    expect(await codeOf(sim, sim.launch())).toBe('no error')
  })

  it('the quota counts strangers', async () => {
    const sim = await simWith({ knobs: { quota: 4, strangers: 3 } })
    expect(await codeOf(sim, sim.launch())).toBe('no error')
    expect(await codeOf(sim, sim.launch())).toBe('quota-exceeded')
  })

  it('token buckets throttle, and say when the next call may come', async () => {
    const sim = await simWith({ knobs: { rates: { launch: { burst: 2, perSecond: 0.5 } } } })
    const [one, two, three] = [await sim.request(), await sim.request(), await sim.request()]
    const launch = (request: typeof one) => sim.provider.launch(request, callOf(sim.clock))
    await sim.clock.drive(Promise.all([launch(one), launch(two)]))
    const error = await sim.clock.drive(launch(three).catch((thrown: unknown) => thrown))
    expect(error).toMatchObject({ code: 'rate-limited' })
    await sim.clock.advance((error as { retryAfterMs: number }).retryAfterMs)
    expect(await codeOf(sim, launch(three))).toBe('no error')
  })
})

describe('what happens to instances', () => {
  it('boots, ends its job, and powers off by itself', async () => {
    const sim = await simWith({}, { bootMs: 10_000, jobMs: 60_000 })
    await sim.clock.drive(sim.launch())
    const stateAfter = async (ms: number) => {
      await sim.clock.advance(ms)
      return (await listOf(sim, sim.provider)).find(({ kind }) => kind === 'instance')?.state
    }
    expect(await stateAfter(0)).toBe('pending')
    expect(await stateAfter(11_000)).toBe('running')
    expect(await stateAfter(63_000)).toBe('stopped')
  })

  it('spot instances are taken back', async () => {
    const reclaim = { chance: 1, afterMs: [30_000, 30_000] } as const
    const sim = await simWith({ knobs: { reclaim } }, { market: ['spot'] })
    await sim.clock.drive(sim.launch())
    await sim.clock.advance(40_000)
    const [, instance] = await listOf(sim, sim.provider)
    expect(instance).toMatchObject({ state: 'stopped', isReclaimed: true })
  })

  it('the platform ends what is past its deadline', async () => {
    const sim = await simWith({ traits: { platformTtl: true, poweroff: 'deletes' } })
    await sim.clock.drive(sim.launch())
    await sim.clock.advance(3_610_000)
    expect(await listOf(sim, sim.provider)).toEqual([])
    expect(minutesPastExpiry(sim.cloud.ledger, sim.clock.now(), 10_000)).toBe(0)
  })

  it('one that cannot be deleted stays, and the ledger counts its minutes', async () => {
    const sim = await simWith({ knobs: { undeletableChance: 1 } })
    const { instances } = await sim.clock.drive(sim.launch())
    const [instance] = instances
    if (instance === undefined) throw new Error('nothing was made')
    expect(await sim.clock.drive(sim.provider.terminate(instance, callOf(sim.clock)))).toBe('accepted')
    await sim.clock.advance(3_600_000 + 600_000)
    expect(await sim.clock.drive(sim.provider.terminate(instance, callOf(sim.clock)))).toBe('accepted')
    expect(minutesPastExpiry(sim.cloud.ledger, sim.cloud.now())).toBeCloseTo(10, 0)
  })

  it('disks stay when their instance has ended itself, and are listed', async () => {
    const sim = await simWith(
      { traits: { poweroff: 'deletes' }, knobs: { leftovers: { disk: 1 } } },
      { jobMs: 1000 },
    )
    await sim.clock.drive(sim.launch())
    await sim.clock.advance(120_000)
    const left = await listOf(sim, sim.provider)
    expect(left.map(({ kind }) => kind)).toEqual(['disk'])
    for (const disk of left) await sim.clock.drive(sim.provider.terminate(disk, callOf(sim.clock)))
    expect(sim.cloud.left('acme')).toEqual([])
  })

  it('the cloud tells its own time', async () => {
    const sim = await simWith({ knobs: { skewMs: 3_600_000 } })
    const { instances } = await sim.clock.drive(sim.launch())
    expect((instances[0]?.createdAt ?? 0) - sim.clock.now()).toBeGreaterThan(3_590_000)
  })

  it('the ledger knows what nobody tells it', async () => {
    const sim = await simWith({ traits: { launchBatchMax: 10 } })
    const { instances } = await sim.clock.drive(sim.launch(4))
    const [instance] = instances
    if (instance === undefined) throw new Error('nothing was made')
    expect(await codeOf(sim, sim.open('other').terminate(instance, callOf(sim.clock)))).toBe('not-owned')
    const { foreign, launches, ownerless, calls } = sim.cloud.ledger
    expect(foreign).toMatchObject([{ by: 'other', operation: 'terminate', id: instance.id }])
    expect(launches).toMatchObject([{ by: 'acme', ids: instances.map(({ id }) => id) }])
    expect([ownerless.length, calls.get('launch'), mostAlive(sim.cloud.ledger)]).toEqual([0, 1, 4])
  })
})
