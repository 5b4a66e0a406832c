import { type Instance, isInstance } from '@agentctl/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Gce, quotaExceeded, startGce, stockOut, stockOutWithDetails } from '../clouds/gce/index.ts'
import { until } from '../support/cli.ts'
import { callFor, ended, launched, listed, openGcp, requestFor } from './support.ts'

const inserts = 'POST zones/:zone/instances'
const deletes = 'DELETE zones/:zone/instances/:name'
const waits = 'POST zones/:zone/operations/:operation/wait'
const metadata = 'POST zones/:zone/instances/:name/setMetadata'
const throttled = {
  kind: 'status',
  status: 403,
  reason: 'rateLimitExceeded',
  info: 'RATE_LIMIT_EXCEEDED',
} as const

let gce: Gce
beforeEach(async () => {
  gce = await startGce()
})
afterEach(async () => gce[Symbol.asyncDispose]())

const only = async (provider: Awaited<ReturnType<typeof openGcp>>): Promise<Instance | undefined> =>
  (await listed(provider, { kinds: ['instance'] })).filter(isInstance)[0]

describe('a zone that has no machine', () => {
  it.each([
    ['capacity-unavailable', stockOut],
    ['capacity-unavailable', stockOutWithDetails],
    ['quota-exceeded', quotaExceeded],
  ] as const)('says %s inside the operation, and leaves nothing', async (code, error) => {
    const provider = await openGcp(gce, 'acme')
    const request = await requestFor(provider)
    gce.knobs.exhaustedZones.set(request.offering.zone, error)
    await expect(provider.launch(request, callFor())).rejects.toMatchObject({
      code,
      fault: expect.stringContaining(error.code),
    })
    expect(gce.left()).toEqual([])
  })

  it('is another one for the next offering', async () => {
    const provider = await openGcp(gce, 'acme')
    const { resolved } = await requestFor(provider, { spec: { market: ['spot', 'on-demand'] } })
    expect(resolved.offerings.map(({ id }) => id)).toEqual([
      'e2-small/test-west1-a/spot',
      'e2-small/test-west1-b/spot',
      'e2-small/test-west1-c/spot',
      'e2-small/test-west1-a/on-demand',
      'e2-small/test-west1-b/on-demand',
      'e2-small/test-west1-c/on-demand',
    ])
  })
})

describe('an insert that goes wrong half-way', () => {
  it('whose machine came all the same is undone before anybody launches another', async () => {
    const provider = await openGcp(gce, 'acme')
    gce.faults.armInsert('leaves-machine')
    await expect(launched(provider)).rejects.toMatchObject({ code: 'capacity-unavailable' })
    await until('it is deleted', () => gce.left().length === 0)
  })

  it('that cannot be undone stays in doubt, and a repeat does not launch another', async () => {
    const provider = await openGcp(gce, 'acme')
    const request = await requestFor(provider)
    gce.faults.armInsert('leaves-machine')
    gce.faults.arm(deletes, throttled)
    await expect(provider.launch(request, callFor())).rejects.toMatchObject({ code: 'outcome-unknown' })
    await expect(provider.launch(request, callFor())).rejects.toMatchObject({ code: 'capacity-unavailable' })
    expect(gce.history()).toHaveLength(1)
  })

  it('leaves a disk that is listed with its owner, and can be ended', async () => {
    const provider = await openGcp(gce, 'acme')
    gce.faults.armInsert('leaves-disk')
    await expect(launched(provider)).rejects.toMatchObject({ code: 'capacity-unavailable' })
    const [disk, ...rest] = await listed(provider)
    expect({ disk, rest }).toMatchObject({ disk: { kind: 'disk', ownership: { pool: 'pool' } }, rest: [] })
    if (disk) await ended(provider, disk)
    expect(gce.left()).toEqual([])
  })
})

describe('throttling', () => {
  it('of an insert lasts until the next minute, and nothing was sent', async () => {
    const provider = await openGcp(gce, 'acme')
    const request = await requestFor(provider)
    gce.faults.arm(inserts, throttled, { times: 5 })
    for (let time = 0; time < 5; time += 1) {
      const refusal = await provider.launch(request, callFor()).catch(error => error)
      expect(refusal).toMatchObject({ code: 'rate-limited' })
      expect(refusal.retryAfterMs).toBeGreaterThan(0)
      expect(refusal.retryAfterMs).toBeLessThanOrEqual(62_000)
    }
    await provider.launch(request, callFor())
    expect(gce.history()).toHaveLength(1)
  })

  it('of the waits for an operation says nothing about it', async () => {
    const provider = await openGcp(gce, 'acme')
    gce.faults.arm(waits, throttled, { times: 2 })
    expect(await launched(provider)).toMatchObject({ state: 'pending' })
  })

  it('by too many operations at once is short', async () => {
    const provider = await openGcp(gce, 'acme')
    gce.faults.arm(inserts, { ...throttled, info: 'CONCURRENT_OPERATIONS_QUOTA_EXCEEDED' })
    await expect(launched(provider)).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 5_000 })
  })
})

describe('a lost reply', () => {
  it.each([
    ['lose-request', 0],
    ['lose-reply', 1],
  ] as const)(
    'of an insert (%s) leaves it in doubt, and a repeat makes one machine of it',
    async (kind, made) => {
      const provider = await openGcp(gce, 'acme')
      const request = await requestFor(provider)
      gce.faults.arm(inserts, { kind })
      await expect(provider.launch(request, callFor())).rejects.toMatchObject({ code: 'outcome-unknown' })
      expect(gce.history()).toHaveLength(made)
      const other = await openGcp(gce, 'acme')
      await Promise.all([provider.launch(request, callFor()), other.launch(request, callFor())])
      expect(gce.history()).toHaveLength(1)
    },
  )

  it('of a delete does not keep the machine', async () => {
    const provider = await openGcp(gce, 'acme')
    const machine = await launched(provider)
    gce.faults.arm(deletes, { kind: 'lose-reply' })
    await expect(provider.terminate(machine, callFor())).rejects.toMatchObject({ code: 'unavailable' })
    await ended(provider, machine)
    expect(gce.left()).toEqual([])
  })

  it('of a read is read again, once', async () => {
    const provider = await openGcp(gce, 'acme')
    gce.faults.arm('GET aggregated/instances', { kind: 'lose-request' })
    expect(await listed(provider)).toEqual([])
    gce.faults.arm('GET aggregated/instances', { kind: 'lose-request' }, { times: 2 })
    await expect(listed(provider)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('when nobody listens there: nothing was sent', async () => {
    const provider = await openGcp(gce, 'acme')
    const request = await requestFor(provider)
    const env = { ...gce.env, CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: 'http://127.0.0.1:9/' }
    const deaf = await openGcp(gce, 'acme', { env: { ...env, GOOGLE_OAUTH_ACCESS_TOKEN: 't' } })
    await expect(deaf.launch(request, callFor())).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('a delete', () => {
  it('that fails inside its operation is told, and asked for again', async () => {
    const provider = await openGcp(gce, 'acme')
    const machine = await launched(provider)
    gce.knobs.deleteError = { code: 'INTERNAL_ERROR', message: 'Internal error.' }
    expect(await provider.terminate(machine, callFor())).toBe('accepted')
    await until('the operation is over', () => gce.guests()[0]?.status === 'STOPPING')
    gce.advance(gce.knobs.deleteMs)
    await expect(provider.terminate(machine, callFor())).rejects.toMatchObject({ code: 'unavailable' })
    gce.knobs.deleteError = undefined
    await ended(provider, machine)
    expect(gce.left()).toEqual([])
  })

  it('of another host is under way, which is accepted', async () => {
    const provider = await openGcp(gce, 'acme')
    const other = await openGcp(gce, 'acme')
    const machine = await launched(provider)
    gce.knobs.deleteMs = 500
    expect(await provider.terminate(machine, callFor())).toBe('accepted')
    expect(await other.terminate(machine, callFor())).toBe('accepted')
    await ended(other, machine)
  })
})

describe('user data and labels that somebody else changes too', () => {
  it('are read again after 412, and changed in the end', async () => {
    const provider = await openGcp(gce, 'acme')
    const machine = await launched(provider, { spec: { metadata: { 'enable-oslogin': 'TRUE' } } })
    gce.faults.arm(metadata, { kind: 'status', status: 412, reason: 'conditionNotMet' }, { times: 3 })
    await provider.guard?.(machine, callFor())
    const { metadata: left } = gce.cloud.machines.get(machine.id)?.instance ?? {}
    expect(left?.items).toEqual([{ key: 'enable-oslogin', value: 'TRUE' }])
    const before = gce.calls()[metadata]
    await provider.guard?.(machine, callFor())
    expect(gce.calls()[metadata]).toBe(before)
  })

  it('are given up when it never ends', async () => {
    const provider = await openGcp(gce, 'acme')
    const machine = await launched(provider)
    gce.faults.arm(metadata, { kind: 'status', status: 412, reason: 'conditionNotMet' }, { times: 99 })
    await expect(provider.guard?.(machine, callFor())).rejects.toMatchObject({ code: 'conflict' })
  })

  it('are all there when two hosts change them at once', async () => {
    const [one, two] = await Promise.all([openGcp(gce, 'acme'), openGcp(gce, 'acme')])
    const machine = await launched(one)
    const expiresAt = Math.floor(Date.now() / 1000) * 1000 + 7_200_000
    const holdUntil = expiresAt - 60_000
    await Promise.all([
      one.mark?.(machine, { expiresAt }, callFor()),
      two.mark?.(machine, { holdUntil }, callFor()),
    ])
    expect((await only(one))?.ownership).toMatchObject({ expiresAt, holdUntil })
  })
})
