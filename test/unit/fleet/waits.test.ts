import { describe, expect, it } from 'vitest'
import { unknown } from '../../../src/fleet/picture.ts'
import { plan } from '../../../src/fleet/plan.ts'
import type { Memory } from '../../../src/fleet/records.ts'
import { waitsOf } from '../../../src/fleet/waits.ts'
import {
  jobId,
  jobWant,
  launchRecord,
  memoryOf,
  minute,
  offering,
  pictureOf,
  policyOf,
  poolPolicy,
  queueOf,
  t0,
  unitRecord,
  viewOf,
} from './build.ts'

interface World {
  readonly policy?: Parameters<typeof policyOf>[0]
  readonly memory?: Partial<Memory>
  readonly picture?: Parameters<typeof pictureOf>[1]
  readonly units?: Parameters<typeof pictureOf>[0]
}

/** What is said of the first job, of two, once the plan is made. */
function waitOf({ policy, memory, picture, units = [] }: World, job = 1) {
  const wants = [jobWant(1), jobWant(2)]
  const queues = queueOf([1, 2])
  const input = {
    picture: pictureOf(units, { queues, ...picture }),
    memory: memoryOf(memory),
    policy: policyOf({ wants, ...policy }),
    now: t0,
  }
  return waitsOf(input, plan(input)).get(jobId(job))
}

const busy = viewOf({ unit: unitRecord({ launchId: 'other', want: 'other', jobId: 'other' }) })
const stockOut = (pool: string) => ({
  ...{ pool, offeringId: offering().id, until: t0 + minute, count: 1 },
  ...{ code: 'capacity-unavailable' as const, message: 'Insufficient capacity' },
})
const breaker = (failures: number, openUntil: number) => ({
  pool: 'p',
  failures,
  openUntil,
  cause: 'boot-timeout: none',
})

describe('a job without a machine is told why', () => {
  it.each<[string, World, string, RegExp]>([
    [
      'its pool is full',
      { policy: { only: [poolPolicy({ max: 1 })] }, units: [busy] },
      'pool-full',
      /^p: .*most machines, 1$/,
    ],
    [
      'the command may have no more',
      { policy: { concurrency: 0 } },
      'limit',
      /the command has its most machines, 0/,
    ],
    [
      'the installation may have no more',
      { policy: { maxAlive: 1 }, units: [busy] },
      'limit',
      /installation .* 1/,
    ],
    [
      'the breaker is open',
      { memory: { breakers: [breaker(5, t0 + minute)] } },
      'breaker-open',
      /one after the other: boot-timeout: none/,
    ],
    ['a quota is used up', { memory: { breakers: [breaker(0, t0 + minute)] } }, 'quota', /boot-timeout/],
    [
      'nothing is in stock',
      { memory: { stockOuts: [stockOut('p')] } },
      'out-of-stock',
      /Insufficient capacity/,
    ],
    [
      'its scope could not be listed',
      { picture: { knownScopes: new Set() } },
      'scope-unseen',
      /sim\/acc\/here/,
    ],
    ['its scope is new', { memory: { acquaintances: [] } }, 'scope-new', /second look/],
    [
      'its pool could not be read',
      { policy: { only: [poolPolicy({ resolved: { guest: 'linux', offerings: [], details: {} } })] } },
      'pool-unread',
      /spec/,
    ],
    ['its type has no pool here', { policy: { only: [] } }, 'no-pool', /s1-x/],
    [
      'the hub grants nothing',
      { memory: { hubLimits: [{ agentType: 's1-x', since: t0, lastProbeAt: t0 }] } },
      'hub-limited',
      /does not grant/,
    ],
    ['the command ends', { policy: { intent: 'drain' } }, 'ending', /asked to end/],
  ])('%s', (_, world, code, why) => {
    expect(waitOf(world)).toEqual({ code, why: expect.stringMatching(why) })
  })

  it('with the reason of every pool that it could have gone to', () => {
    const only = [poolPolicy(), poolPolicy({ name: 'q', max: 1 })]
    const inQ = viewOf({
      unit: unitRecord({ launchId: 'q', want: 'q', jobId: 'q' }),
      launch: launchRecord({ pool: 'q' }),
    })
    expect(waitOf({ policy: { only }, memory: { stockOuts: [stockOut('p')] }, units: [inQ] })).toEqual({
      code: 'out-of-stock',
      why: 'p: no offering has room: Insufficient capacity; q: it has its most machines, 1',
    })
  })

  it('by the cloud’s own words while its launch is repeated', () => {
    const launch = launchRecord({
      state: 'intended',
      nextTryAt: t0 + minute,
      lastError: { code: 'rate-limited', message: 'Slow down' },
    })
    const units = [viewOf({ launch, unit: unitRecord(), instance: undefined })]
    expect(waitOf({ units })).toEqual({ code: 'refused-by-cloud', why: 'Slow down' })
  })

  it('once its attempts are spent', () => {
    const failed = (attempt: number) =>
      viewOf({
        unit: unitRecord({
          launchId: `l${attempt}`,
          attempt,
          phase: 'gone',
          reason: 'boot-timeout',
          entered: { gone: t0 },
        }),
        instance: undefined,
      })
    expect(waitOf({ units: [failed(1), failed(2), failed(3)] })).toMatchObject({
      code: 'given-up',
      why: expect.stringContaining('boot-timeout'),
    })
  })
})

it('a machine, or a launch that is about to be tried, is no wait', () => {
  expect(waitOf({ units: [viewOf()] })).toBe('none')
  expect(waitOf({})).toBeUndefined()
})

it('only those beyond the room wait', () => {
  const policy = { only: [poolPolicy({ max: 1 })] }
  expect(waitOf({ policy }, 1)).toBeUndefined()
  expect(waitOf({ policy }, 2)).toMatchObject({ code: 'pool-full' })
})

it('an unread queue says nothing of a job that nobody tried to serve', () => {
  expect(waitOf({ picture: { queues: new Map([['s1-x', unknown('503')]]) } })).toBeUndefined()
})
