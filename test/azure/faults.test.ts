import { type Instance, isInstance } from '@agentctl/contract'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CreateFault } from '../clouds/arm/knobs.ts'
import { noAnswer, outOfHosts } from '../clouds/arm/knobs.ts'
import { until } from '../support/cli.ts'
import { type Arm, call, newBench, startArm } from './support.ts'

const puts = 'PUT virtualMachines/:name'
const operations = 'GET sub:locations/:location/operations/:id'

let arm: Arm
beforeAll(async () => {
  arm = await startArm()
}, 60_000)
afterEach(() => {
  arm.faults.clear()
  arm.knobs.soldOut.clear()
  Object.assign(arm.knobs, {
    retryAfterMs: 50,
    operationHeader: 'azure-asyncoperation',
    remaining: undefined,
  })
})
afterAll(() => arm[Symbol.asyncDispose]())

function count(route: string): number {
  return arm.calls()[route] ?? 0
}

describe('a creation that fails half-way', { timeout: 60_000 }, () => {
  const places = ['address', 'interface', 'disk', 'machine'] as const
  const faults = places.flatMap(after =>
    [true, false].map(isMachineMade => ({
      kind: 'half-way' as const,
      after,
      isMachineMade,
      error: outOfHosts,
    })),
  )

  it.each(faults)(
    'after the $after (machine made: $isMachineMade) leaves nothing once it is swept',
    async fault => {
      const bench = await newBench(arm)
      arm.faults.armCreate(fault satisfies CreateFault)

      await expect(bench.launch()).rejects.toMatchObject({
        code: 'capacity-unavailable',
        fault: expect.stringContaining('AllocationFailed'),
      })

      // What is reserved is let go after 180 s, and seen until then.
      const isReserved = () =>
        arm.parts().some(({ reservedUntil }) => reservedUntil > arm.cloud.timeline.now())
      if (isReserved()) {
        const [stray] = (await bench.list()).filter(({ kind }) => kind === 'interface')
        expect(stray?.ownership).toMatchObject({ owner: bench.owner })
        expect(await bench.provider.terminate(stray as Instance, call())).toBe('accepted')
        expect(arm.left(bench.owner)).not.toEqual([])
        arm.advance(181_000)
      }
      expect(await bench.sweep()).toEqual([])
    },
  )

  it('and whose answer was lost spends its launch id, and its offering is out of stock', async () => {
    const bench = await newBench(arm)
    const request = bench.request()
    arm.faults.armCreate({ kind: 'half-way', after: 'disk', isMachineMade: true, error: outOfHosts })
    arm.faults.arm(puts, { kind: 'lose-reply' })
    await expect(bench.provider.launch(request, call())).rejects.toMatchObject({ code: 'outcome-unknown' })
    await until('it has failed', () => arm.guests().some(({ provisioning }) => provisioning === 'Failed'))
    await expect(bench.provider.launch(request, call())).rejects.toMatchObject({ code: 'launch-spent' })
    await expect(bench.launch()).rejects.toMatchObject({ code: 'capacity-unavailable' })
    expect(await bench.sweep()).toEqual([])
  })

  it('is told apart from one that may have been accepted', async () => {
    const bench = await newBench(arm)
    const request = bench.request()
    arm.faults.arm(puts, { kind: 'status', status: 500, code: 'InternalServerError' })
    await expect(bench.provider.launch(request, call())).rejects.toMatchObject({ code: 'outcome-unknown' })
    expect((await bench.provider.launch(request, call())).instances).toHaveLength(1)
    expect(await bench.sweep()).toEqual([])
  })
})

describe('a machine whose creation failed', { timeout: 60_000 }, () => {
  it('is accepted, listed as running, with the reason, when it runs all the same', async () => {
    const bench = await newBench(arm)
    arm.faults.armCreate({ kind: 'runs', error: noAnswer })
    const [instance] = await bench.launch()
    expect(instance).toMatchObject({ state: 'running' })
    const [listed] = (await bench.list()).filter(isInstance)
    expect(listed).toMatchObject({
      state: 'running',
      fault: expect.stringContaining('OSProvisioningTimedOut'),
    })
    expect(await bench.sweep()).toEqual([])
  })

  it('later than its launch waits is listed as failed; its offering is then out of stock for a while', async () => {
    const bench = await newBench(arm, { sizes: ['Standard_D2s_v5', 'Standard_D2ds_v5'] })
    arm.knobs.retryAfterMs = 20_000
    arm.faults.armCreate({ kind: 'half-way', after: 'disk', isMachineMade: true, error: outOfHosts })
    const [instance] = await bench.launch()
    expect(instance?.state).toBe('pending')
    arm.advance(30_000)
    expect((await bench.list()).filter(isInstance)).toMatchObject([
      { state: 'failed', fault: expect.stringContaining('AllocationFailed') },
    ])
    const before = count(puts)
    await expect(bench.launch()).rejects.toMatchObject({ code: 'capacity-unavailable' })
    expect(count(puts)).toBe(before)
    const [, other] = bench.resolved.offerings
    expect(await bench.launch(other && { offering: other })).toHaveLength(1)
    expect(await bench.sweep()).toEqual([])
  })
})

describe('an operation', { timeout: 60_000 }, () => {
  it.each(['azure-asyncoperation', 'location'] as const)('is followed by its %s', async operationHeader => {
    const bench = await newBench(arm)
    Object.assign(arm.knobs, { operationHeader })
    expect(await bench.launch()).toHaveLength(1)
    arm.faults.armCreate({ kind: 'half-way', after: 'disk', isMachineMade: true, error: outOfHosts })
    await expect(bench.launch()).rejects.toMatchObject({ code: 'capacity-unavailable' })
    expect(await bench.sweep()).toEqual([])
  })

  it('whose URL has expired says nothing: the machine is looked at', async () => {
    const bench = await newBench(arm)
    arm.faults.arm(operations, { kind: 'status', status: 404, code: 'NotFound' }, { times: 9 })
    const [instance] = await bench.launch()
    expect(instance?.state).toMatch(/pending|running/)
    const deletes = count('DELETE virtualMachines/:name')
    await until('it runs', async () => (await bench.list()).some(({ state }) => state === 'running'))
    expect(count('DELETE virtualMachines/:name')).toBe(deletes)
    expect(await bench.sweep()).toEqual([])
  })
})

describe('what Azure refuses', { timeout: 60_000 }, () => {
  const codes = [
    'AllocationFailed',
    'ZonalAllocationFailed',
    'OverconstrainedAllocationRequest',
    'SkuNotAvailable',
  ]
  it.each(
    codes.flatMap(code => [
      { code, when: 'at-once' as const },
      { code, when: 'later' as const },
    ]),
  )('$code, $when, is no capacity, and leaves nothing', async ({ code, when }) => {
    const bench = await newBench(arm, { zones: ['1', '2'] })
    arm.knobs.soldOut.set('Standard_D2s_v5/1/on-demand', { code, when })
    await expect(bench.launch()).rejects.toMatchObject({
      code: 'capacity-unavailable',
      hint: expect.any(String),
    })
    const [, second] = bench.resolved.offerings
    expect(await bench.launch(second && { offering: second })).toHaveLength(1)
    expect(await bench.sweep()).toEqual([])
  })

  it('a quota is a quota, and not capacity', async () => {
    const bench = await newBench(arm)
    const { coresMax } = arm.knobs
    arm.knobs.coresMax = 0
    await expect(bench.launch()).rejects.toMatchObject({ code: 'quota-exceeded' })
    arm.knobs.coresMax = coresMax
    expect(arm.left(bench.owner)).toEqual([])
  })

  it('a subscription that is not there is no proof that its machines are gone', async () => {
    const bench = await newBench(arm)
    const [instance] = await bench.launch()
    const lost = { kind: 'status', status: 404, code: 'SubscriptionNotFound' } as const
    arm.faults.arm('*', lost, { times: 2 })
    await expect(bench.list()).rejects.toMatchObject({ code: 'invalid-spec' })
    const ended = bench.provider.terminate(instance as Instance, call())
    await expect(ended).rejects.toMatchObject({ code: 'invalid-spec' })
    expect(await bench.sweep()).toEqual([])
  })

  it('a changed body is a conflict, and is looked at first', async () => {
    const bench = await newBench(arm)
    const request = bench.request()
    await bench.provider.launch(request, call())
    const other = { ...request, digest: 'f'.repeat(64), userData: Buffer.from('other') }
    // A look that does not show it yet, and an API that does not know If-None-Match.
    arm.faults.arm('GET virtualMachines/:name', { kind: 'status', status: 404, code: 'ResourceNotFound' })
    arm.faults.arm(puts, { kind: 'status', status: 409, code: 'PropertyChangeNotAllowed' })
    await expect(bench.provider.launch(other, call())).rejects.toMatchObject({ code: 'conflict' })
    expect(arm.guests().filter(({ id }) => id.includes(request.launchId))).toHaveLength(1)
    expect(await bench.sweep()).toEqual([])
  })

  it('a storm of 429 asks for patience, for as long as Azure says, and doubles nothing', async () => {
    const bench = await newBench(arm)
    const request = bench.request()
    const storm = {
      kind: 'status',
      status: 429,
      code: 'TooManyRequests',
      headers: { 'retry-after': '7' },
    } as const
    arm.faults.arm(puts, storm, { times: 5 })
    for (let tries = 0; tries < 5; tries += 1) {
      const refused = bench.provider.launch(request, call())
      await expect(refused).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 7000 })
    }
    expect((await bench.provider.launch(request, call())).instances).toHaveLength(1)
    expect(arm.guests().filter(({ id }) => id.includes(request.launchId))).toHaveLength(1)
    expect(await bench.sweep()).toEqual([])
  })

  it('the last calls of the bucket are left to others', async () => {
    const bench = await newBench(arm)
    arm.knobs.remaining = { reads: 1000, writes: 1, deletes: 1000 }
    await bench.launch()
    const before = count(puts)
    await expect(bench.launch()).rejects.toMatchObject({
      code: 'rate-limited',
      retryAfterMs: expect.any(Number),
    })
    expect(count(puts)).toBe(before)
    arm.knobs.remaining = undefined
    expect(await bench.sweep()).toEqual([])
  })
})

describe('a spot machine', { timeout: 60_000 }, () => {
  it('that Azure takes back is told so, and leaves nothing', async () => {
    const bench = await newBench(arm, { market: ['spot', 'on-demand'] })
    const [instance] = await bench.launch()
    await until('it runs', async () => (await bench.list()).some(({ state }) => state === 'running'))
    arm.evict(instance?.id ?? '')
    await until('it is gone', () => arm.left(bench.owner).length === 0)
    expect(await bench.list()).toMatchObject([{ kind: 'instance', state: 'terminated', isReclaimed: true }])
  })

  it('that we have ended is not taken for taken back', async () => {
    const bench = await newBench(arm, { market: ['spot'] })
    await bench.launch()
    await until('it runs', async () => (await bench.list()).some(({ state }) => state === 'running'))
    expect(await bench.sweep()).toEqual([])
    expect(await bench.list()).toEqual([])
  })

  it('is made so that nothing of it stays', async () => {
    const bench = await newBench(arm, { market: ['spot'], 'spot-price-max': 0.05 })
    await bench.launch()
    const made = arm.history().at(-1)?.body.properties
    expect(made).toMatchObject({
      priority: 'Spot',
      evictionPolicy: 'Delete',
      billingProfile: { maxPrice: 0.05 },
      storageProfile: { osDisk: { deleteOption: 'Delete' } },
      networkProfile: { networkInterfaceConfigurations: [{ properties: { deleteOption: 'Delete' } }] },
    })
    expect(await bench.sweep()).toEqual([])
  })
})

describe('leftovers', { timeout: 60_000 }, () => {
  it('of a machine whose parts were not to go with it are ended in order, by the machine alone', async () => {
    const bench = await newBench(arm)
    const [instance] = await bench.launch()
    // As if Azure had forgotten what was asked.
    for (const part of arm.parts()) Object.assign(part, { deleteOption: 'Detach' })
    const ref = instance as Instance
    await until('all of it is gone', async () => (await bench.provider.terminate(ref, call())) === 'gone')
    expect(arm.left(bench.owner)).toEqual([])
  })

  it('are looked for twice at most, however many machines end together', async () => {
    const bench = await newBench(arm)
    const machines = (await Promise.all(Array.from({ length: 12 }, () => bench.launch()))).flat()
    for (const one of machines) await bench.provider.terminate(one, call())
    await until('they are gone', () => arm.left(bench.owner).length === 0)
    const before = count('GET networkInterfaces')
    const answers = await Promise.all(machines.map(one => bench.provider.terminate(one, call())))
    expect(new Set(answers)).toEqual(new Set(['gone']))
    expect(count('GET networkInterfaces') - before).toBeLessThanOrEqual(2)
  })
})
