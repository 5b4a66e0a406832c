import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Want } from '../../../src/fleet/actions.ts'
import { isAlive, type Picture, type UnitView } from '../../../src/fleet/picture.ts'
import { planLaunches } from '../../../src/fleet/plan-launches.ts'
import {
  breakerFailuresMax,
  lateEffectMs,
  type Policy,
  type PoolPolicy,
  probeEveryMs,
  stockOutMs,
} from '../../../src/fleet/policy.ts'
import type { LaunchRecord, Memory } from '../../../src/fleet/records.ts'
import {
  capabilities,
  instanceOf,
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

const wants = (count: number, from = 1) => Array.from({ length: count }, (_, at) => jobWant(at + from))

function plan(
  policy: Policy,
  {
    picture = pictureOf(),
    memory = memoryOf(),
    now = t0,
  }: { picture?: Picture; memory?: Memory; now?: number } = {},
) {
  return planLaunches({ picture, memory, policy, now })
}

const launched = (...args: Parameters<typeof plan>) =>
  plan(...args).flatMap(one => one.wants.map(want => want.key))

/** Machines that run, for jobs from 901 on. */
function running(count: number, change: Partial<UnitView> = {}, pool = 'p'): readonly UnitView[] {
  return Array.from({ length: count }, (_, at) => {
    const launchId = `r${pool}${at}`
    return viewOf({
      unit: unitRecord({ launchId, want: jobId(901 + at), jobId: jobId(901 + at) }),
      launch: launchRecord({ launchId, pool }),
      ...change,
    })
  })
}

const online = (count: number) =>
  running(count).map(view => ({ ...view, unit: { ...view.unit, entered: { online: t0 } } }))

const ended = (number: number, attempt: number, reason: 'boot-timeout' | 'spot-reclaimed' | 'not-needed') =>
  viewOf({
    instance: undefined,
    unit: unitRecord({
      launchId: `e${number}.${attempt}`,
      want: jobId(number),
      jobId: jobId(number),
      attempt,
      phase: 'gone',
      reason,
      entered: { gone: t0 },
    }),
    launch: launchRecord({ launchId: `e${number}.${attempt}` }),
  })

const batching = (max: number) => ({ ...capabilities, launchBatchMax: max })

describe('limits', () => {
  it('launches for the oldest first, up to concurrency', () => {
    expect(launched(policyOf({ wants: wants(5), concurrency: 3 }))).toEqual([1, 2, 3].map(jobId))
  })

  it('counts against concurrency what is its own, and against the pool whatever is there', () => {
    const picture = pictureOf(running(2))
    const only = [poolPolicy({ max: 3 })]
    expect(launched(policyOf({ wants: wants(5), concurrency: 3, only }), { picture })).toHaveLength(1)
    const foreign = policyOf({ wants: wants(5), concurrency: 3, only, isMine: () => false })
    expect(launched(foreign, { picture })).toHaveLength(1)
    expect(launched({ ...foreign, concurrency: 1 }, { picture })).toHaveLength(1)
  })

  it.each(['drain', 'end'] as const)('launches nothing to %s', intent => {
    expect(plan(policyOf({ wants: wants(5), intent }))).toEqual([])
  })

  it('never exceeds concurrency, any pool, or one machine for a want; and wastes no room', () => {
    const pools = fc.array(
      fc.record({ max: fc.nat(6), alive: fc.nat(8), batch: fc.integer({ min: 1, max: 4 }) }),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    fc.assert(
      fc.property(pools, fc.nat(20), fc.nat(20), (sizes, count, concurrency) => {
        const only = sizes.map(({ max, batch }, at) =>
          poolPolicy({ name: `p${at}`, max, capabilities: batching(batch) }),
        )
        const units = sizes.flatMap(({ alive }, at) => running(alive, {}, `p${at}`))
        const picture = pictureOf(units)
        const policy = policyOf({ only, wants: wants(count), concurrency, isMine: () => false })
        const actions = plan(policy, { picture })
        const keys = actions.flatMap(one => one.wants.map(want => want.key))
        const rooms = sizes.map(({ max, alive }) => Math.max(0, max - alive))

        expect(new Set(keys).size).toBe(keys.length)
        expect(keys.length).toBe(
          Math.min(
            count,
            concurrency,
            rooms.reduce((sum, room) => sum + room, 0),
          ),
        )
        for (const [at, room] of rooms.entries()) {
          const mine = actions.filter(one => one.pool === `p${at}`)
          expect(mine.flatMap(one => one.wants).length).toBeLessThanOrEqual(room)
          for (const one of mine) expect(one.wants.length).toBeLessThanOrEqual(sizes[at]?.batch ?? 0)
        }
        // Oldest first: who is left out is younger than who got one.
        expect([...keys].sort()).toEqual(wants(keys.length).map(want => want.key))
      }),
    )
  })

  it('has no second machine for a want that may have one', () => {
    const phase = fc.constantFrom(
      'requested',
      'launching',
      'booting',
      'online',
      'draining',
      'terminating',
      'gone' as const,
    )
    const state = fc.constantFrom('intended', 'accepted', 'settled' as const)
    const hasInstance = fc.boolean()
    fc.assert(
      fc.property(phase, state, hasInstance, (at, launchState, isSeen) => {
        const instance = isSeen ? instanceOf() : undefined
        const view = viewOf({
          instance,
          unit: unitRecord({
            phase: at,
            ...(instance && { instanceId: 'i-1' }),
            ...(at === 'gone' && { reason: 'lost' }),
          }),
          launch: launchRecord({ state: launchState }),
        })
        const keys = launched(policyOf({ wants: [jobWant(1)] }), {
          picture: pictureOf([view], { queues: queueOf([1]) }),
        })
        expect(keys.length === 0).toBe(isAlive(view))
      }),
    )
  })
})

describe('pools', () => {
  const two = [poolPolicy({ name: 'a', max: 2 }), poolPolicy({ name: 'b', max: 2 })]

  it('are filled in the order of the type', () => {
    const actions = plan(policyOf({ only: two, wants: wants(5) }))
    expect(actions.map(one => [one.pool, ...one.wants.map(want => want.key)])).toEqual([
      ['a', jobId(1)],
      ['a', jobId(2)],
      ['b', jobId(3)],
      ['b', jobId(4)],
    ])
  })

  it('of another type are not used', () => {
    const policy = policyOf({ only: two, wants: [jobWant(1, { agentType: 's1-other' })] })
    expect(plan(policy)).toEqual([])
  })

  it('whose list failed get nothing; the next one does', () => {
    const elsewhere = { ...offering('b'), scope: { account: 'acc', region: 'there' } }
    const only = [
      poolPolicy({ name: 'a' }),
      poolPolicy({ name: 'b', resolved: { guest: 'linux', offerings: [elsewhere], details: {} } }),
    ]
    const picture = pictureOf([], { knownScopes: new Set(['sim/acc/there']) })
    const acquaintances = ['sim/acc/here', 'sim/acc/there'].map(known => ({
      scope: known,
      firstAt: t0,
      since: t0,
      hadMachines: false,
    }))
    const memory = memoryOf({ acquaintances })
    expect(plan(policyOf({ only, wants: wants(1) }), { picture, memory }).map(one => one.pool)).toEqual(['b'])
    const blind = pictureOf([], { knownScopes: new Set() })
    expect(plan(policyOf({ only, wants: wants(1) }), { picture: blind })).toEqual([])
  })
})

describe('offerings', () => {
  const offerings = [offering('spot', { market: 'spot' }), offering('small'), offering('large')]
  const pool = poolPolicy({ resolved: { guest: 'linux', offerings, details: {} } })
  const out = (offeringId: string, until: number, poolName = 'p') => ({
    pool: poolName,
    offeringId,
    until,
    count: 1,
    code: 'capacity-unavailable' as const,
    message: '',
  })
  const chosen = (memory: Memory, picture = pictureOf()) =>
    plan(policyOf({ only: [pool], wants: wants(1) }), { memory, picture })[0]?.offering.id

  it.each<[string, Memory, string | undefined]>([
    ['the first in stock', memoryOf(), 'spot'],
    ['the next one of a stock-out', memoryOf({ stockOuts: [out('spot', t0 + 1)] }), 'small'],
    ['the first again when that is over', memoryOf({ stockOuts: [out('spot', t0)] }), 'spot'],
    [
      'the first, when another pool is out of it',
      memoryOf({ stockOuts: [out('spot', t0 + 1, 'q')] }),
      'spot',
    ],
    ['none, when all are out', memoryOf({ stockOuts: offerings.map(one => out(one.id, t0 + 1)) }), undefined],
  ])('takes %s', (_, memory, id) => expect(chosen(memory)).toBe(id))

  it('takes no spot machine after a reclaim, where there is a choice', () => {
    const picture = pictureOf([ended(1, 1, 'spot-reclaimed')], { queues: queueOf([1]) })
    expect(chosen(memoryOf(), picture)).toBe('small')
    expect(chosen(memoryOf({ stockOuts: [out('small', t0 + 1), out('large', t0 + 1)] }), picture)).toBe(
      'spot',
    )
  })

  it('takes the next pool after a reclaim, where the first has spot machines alone', () => {
    const of = (name: string, market: 'spot' | 'on-demand') =>
      poolPolicy({
        name,
        resolved: { guest: 'linux', offerings: [offering(`${name}-${market}`, { market })], details: {} },
      })
    const policy = policyOf({ only: [of('p', 'spot'), of('q', 'on-demand')], wants: wants(2) })
    const picture = pictureOf([ended(1, 1, 'spot-reclaimed')], { queues: queueOf([1, 2]) })
    expect(plan(policy, { picture }).map(one => [one.pool, one.wants.map(want => want.key)])).toEqual([
      ['q', [jobId(1)]],
      ['p', [jobId(2)]],
    ])
  })

  it('remembers a stock-out from 3 to 15 minutes', () => {
    expect([0, 1, 2, 5, 50].map(count => stockOutMs(count) / minute)).toEqual([3, 3, 6, 15, 15])
  })
})

describe('batches', () => {
  const pool = poolPolicy({ capabilities: batching(3) })

  it('hold up to the provider’s most', () => {
    const actions = plan(policyOf({ only: [pool], wants: wants(7) }))
    expect(actions.map(one => one.wants.length)).toEqual([3, 3, 1])
  })

  it('hold one unit in a shared pool', () => {
    const actions = plan(policyOf({ only: [{ ...pool, isShared: true }], wants: wants(4) }))
    expect(actions.map(one => one.wants.length)).toEqual([1, 1, 1, 1])
  })

  it('hold units of one attempt, offering, pool and type', () => {
    const attempts = fc.array(fc.nat(3), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(attempts, before => {
        const units = before.flatMap((count, at) =>
          Array.from({ length: count }, (_, attempt) => ended(at + 1, attempt + 1, 'spot-reclaimed')),
        )
        const numbers = before.map((_, at) => at + 1)
        const picture = pictureOf(units, { queues: queueOf(numbers) })
        const actions = plan(policyOf({ only: [pool], wants: numbers.map(number => jobWant(number)) }), {
          picture,
        })
        const byKey = new Map(actions.flatMap(one => one.wants.map(want => [want.key, one.attempt] as const)))
        expect(numbers.map(number => byKey.get(jobId(number)))).toEqual(before.map(count => count + 1))
      }),
    )
  })
})

describe('the breaker', () => {
  const breaker = (failures: number, openUntil: number) =>
    memoryOf({ breakers: [{ pool: 'p', failures, openUntil, cause: 'boot-timeout' }] })
  const policy = policyOf({ wants: wants(4) })

  it.each<[string, Memory, readonly UnitView[], number]>([
    ['closed: all', breaker(breakerFailuresMax - 1, 0), [], 4],
    ['open: none', breaker(breakerFailuresMax, t0 + 1), [], 0],
    ['open for a quota, with no failures: none', breaker(0, t0 + 1), [], 0],
    ['a quota’s pause that is over: all', breaker(0, t0), [], 4],
    ['half open: one', breaker(breakerFailuresMax, t0), [], 1],
    ['half open, its probe under way: none', breaker(breakerFailuresMax, t0), running(1), 0],
    ['half open, others long online: one', breaker(breakerFailuresMax, t0), online(3), 1],
    [
      'of another pool: all',
      memoryOf({ breakers: [{ pool: 'q', failures: 99, openUntil: t0 + 1, cause: '' }] }),
      [],
      4,
    ],
  ])('%s', (_, memory, units, count) => {
    expect(launched(policy, { memory, picture: pictureOf(units) })).toHaveLength(count)
  })

  it('half open in a full pool: none', () => {
    const full = policyOf({ wants: wants(4), only: [poolPolicy({ max: 2 })] })
    const picture = pictureOf(online(2))
    expect(launched(full, { memory: breaker(breakerFailuresMax, t0), picture })).toEqual([])
  })

  it('leaves a want to the next pool', () => {
    const only = [poolPolicy(), poolPolicy({ name: 'q' })]
    const actions = plan(policyOf({ only, wants: wants(1) }), { memory: breaker(breakerFailuresMax, t0 + 1) })
    expect(actions.map(one => one.pool)).toEqual(['q'])
  })
})

describe('a hub that grants less than it lists', () => {
  const limited = (lastProbeAt: number) =>
    memoryOf({ hubLimits: [{ agentType: 's1-x', since: t0, lastProbeAt }] })

  it('gets one probe at a time', () => {
    const policy = policyOf({ wants: wants(9) })
    expect(launched(policy, { memory: limited(t0), now: t0 + probeEveryMs - 1 })).toEqual([])
    expect(launched(policy, { memory: limited(t0), now: t0 + probeEveryMs })).toEqual([jobId(1)])
  })

  it('does not hold up other types', () => {
    const other: Want = jobWant(9, { agentType: 's1-y' })
    const policy = policyOf({ wants: [...wants(3), other] })
    const agentTypes = new Map([...policy.agentTypes, ['s1-y', { name: 's1-y', pools: ['p'] }] as const])
    expect(launched({ ...policy, agentTypes }, { memory: limited(t0), now: t0 + 1 })).toEqual([jobId(9)])
  })

  it('has a refused job launched again, as another attempt', () => {
    const picture = pictureOf([ended(1, 1, 'not-needed')], { queues: queueOf([1]) })
    expect(plan(policyOf({ wants: wants(1) }), { picture })).toMatchObject([{ attempt: 2 }])
  })
})

describe('a reason in words', () => {
  it('says how many wait, and after what', () => {
    const only = [poolPolicy({ capabilities: batching(10) })]
    expect(plan(policyOf({ only, wants: wants(2) })).map(one => one.why)).toEqual([
      '2 jobs wait without a machine',
    ])
    const picture = pictureOf([ended(1, 1, 'boot-timeout')], { queues: queueOf([1]) })
    expect(plan(policyOf({ only, wants: wants(1) }), { picture })[0]?.why).toBe(
      '1 job waits again after boot-timeout',
    )
  })
})

describe('pure', () => {
  it('plans the same again', () => {
    const only: readonly PoolPolicy[] = [poolPolicy({ capabilities: batching(2) })]
    const policy = policyOf({ only, wants: wants(5) })
    expect(plan(policy)).toEqual(plan(policy))
  })
})

describe('a job for which an earlier call may still arrive', () => {
  const policyOn = (idempotency: 'token' | 'name' | 'tag-lookup') =>
    policyOf({ wants: wants(1), only: [poolPolicy({ capabilities: { ...capabilities, idempotency } })] })
  const ended = (change: Partial<LaunchRecord>) =>
    pictureOf(
      [
        viewOf({
          launch: launchRecord(change),
          unit: unitRecord({
            want: jobId(1),
            phase: 'gone',
            reason: 'spot-reclaimed',
            entered: { gone: t0 },
          }),
          instance: undefined,
        }),
      ],
      { queues: queueOf([1]) },
    )
  const launches = (
    idempotency: Parameters<typeof policyOn>[0],
    change: Partial<LaunchRecord>,
    afterMs = lateEffectMs,
  ) => launched(policyOn(idempotency), { picture: ended(change), now: t0 + afterMs }).length

  it.each(['name', 'tag-lookup'] as const)('waits where the key is free again: %s', idempotency => {
    expect(launches(idempotency, { doubtedAt: t0 })).toBe(0)
    expect(launches(idempotency, { doubtedAt: t0 }, lateEffectMs + 1)).toBe(1)
  })

  it('does not wait for a call that was answered, nor where the key is spent', () => {
    expect(launches('name', {})).toBe(1)
    expect(launches('name', { doubtedAt: t0, nextTryAt: t0 + 1 })).toBe(1)
    expect(launches('token', { doubtedAt: t0 })).toBe(1)
  })
})
