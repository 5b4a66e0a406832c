import type { Instance, Resource, ResourceState } from '@agentctl/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Timeouts } from '../../../src/fleet/deadlines.ts'
import { observe } from '../../../src/fleet/observe.ts'
import { isStillThere, orphanInstances, orphanStrays } from '../../../src/fleet/orphans.ts'
import { known, type Picture, type UnitView } from '../../../src/fleet/picture.ts'
import type { Sighting } from '../../../src/fleet/records.ts'
import {
  agentsOf,
  capabilities,
  factsOf,
  instanceOf,
  launchRecord,
  lookOf,
  memoryOf,
  minute,
  ownership,
  pictureOf,
  settleMs,
  t0,
  timeouts,
  unitRecord,
  viewOf,
} from './build.ts'

const { bootMs, agentMs, totalMs } = timeouts

const orphansIn = (picture: Picture, now: number, known: Timeouts | undefined = timeouts) =>
  orphanInstances({ picture, sightings: [], settleMsOf: () => settleMs, timeoutsOf: () => known, now })

const reasonsOf = (view: UnitView, now = t0 + minute) =>
  orphansIn(pictureOf([view]), now).map(one => one.reason)

describe('an instance', () => {
  const inState = (state: ResourceState) => instanceOf({ state })

  it.each<[string, UnitView, number, string[]]>([
    ['running', viewOf(), minute, []],
    ['past its expiry', viewOf(), totalMs, ['expired']],
    ['stopped', viewOf({ instance: inState('stopped') }), minute, ['unknown']],
    ['failed', viewOf({ instance: inState('failed') }), minute, ['unknown']],
    ['terminated', viewOf({ instance: inState('terminated') }), 9 * totalMs, []],
    ['of an unmapped state', viewOf({ instance: inState('unknown') }), minute, []],
    ['stopping', viewOf({ instance: inState('stopping') }), minute, []],
    ['late, and nothing known', viewOf(), bootMs + agentMs + 1, []],
    ['late, and not online', viewOf({ agent: 'absent' }), bootMs + agentMs + 1, ['agent-timeout']],
    [
      'late, and asked to end in vain',
      viewOf({ agent: 'absent', unit: unitRecord({ phase: 'terminating', terminateAskedAt: t0 }) }),
      bootMs + agentMs + 1,
      ['agent-timeout'],
    ],
    ['in time, and not online', viewOf({ agent: 'absent' }), bootMs + agentMs, []],
    [
      'of a scope that failed',
      viewOf({ instance: inState('stopped'), isScopeKnown: false }),
      9 * totalMs,
      [],
    ],
    ['not seen', viewOf({ instance: undefined }), 9 * totalMs, []],
  ])('%s', (_, view, afterMs, reasons) => expect(reasonsOf(view, t0 + afterMs)).toEqual(reasons))

  it('held is left alone until its expiry', () => {
    const held = instanceOf({ state: 'stopped', ownership: ownership({ holdUntil: t0 + 9 * totalMs }) })
    expect(reasonsOf(viewOf({ instance: held }))).toEqual([])
    expect(reasonsOf(viewOf({ instance: held }), t0 + totalMs)).toEqual(['expired'])
  })

  it('of a pool that was taken out of the configuration is judged by its expiry alone', () => {
    const picture = pictureOf([viewOf({ agent: 'absent' })])
    const orphans = (now: number) =>
      orphanInstances({ picture, sightings: [], settleMsOf: () => 0, timeoutsOf: () => undefined, now })
    expect(orphans(t0 + totalMs - 1)).toEqual([])
    expect(orphans(t0 + totalMs)).toHaveLength(1)
  })

  it('is not aged by a cloud whose clock is hours behind', () => {
    const view = viewOf({ instance: instanceOf({ createdAt: t0 - 180 * minute }), agent: 'absent' })
    expect(reasonsOf(view)).toEqual([])
  })
})

describe('isStillThere', () => {
  const { kind, id, scope } = instanceOf()
  const orphan = { provider: 'sim', ref: { kind, id, scope }, reason: 'idle', why: '' } as const
  const seen = (state: ResourceState) => pictureOf([viewOf({ instance: instanceOf({ state }) })])

  it.each<[string, Picture, boolean]>([
    ['one that is on its way out', seen('stopping'), true],
    ['one that the cloud shows as ended', seen('terminated'), false],
    ['one that is not shown', pictureOf(), false],
    ['one of a scope that could not be listed', pictureOf([], { knownScopes: new Set() }), true],
  ])('%s', (_, picture, isThere) => expect(isStillThere(orphan, picture)).toBe(isThere))

  it('an auxiliary one by its own list', () => {
    const disk = { ...orphan, ref: { ...orphan.ref, kind: 'disk' as const } }
    const strays = [{ provider: 'sim', askedAt: t0, resource: { ...instanceOf(), kind: 'disk' as const } }]
    expect(isStillThere(disk, pictureOf([], { strays }))).toBe(true)
    expect(isStillThere(disk, pictureOf([viewOf()]))).toBe(false)
  })
})

/** Whatever a journal may say, as long as the cloud shows a running machine before its deadline. */
const record = fc.record({
  phase: fc.constantFrom(
    'requested',
    'launching',
    'booting',
    'online',
    'draining',
    'terminating',
    'gone' as const,
  ),
  reason: fc.option(
    fc.constantFrom('lost', 'job-finished', 'cancelled', 'boot-timeout', 'launch-failed' as const),
    { nil: undefined },
  ),
  asked: fc.option(fc.integer({ min: -600, max: 0 }), { nil: undefined }),
  state: fc.constantFrom('intended', 'accepted', 'settled' as const),
  isKnown: fc.boolean(),
  goneAt: fc.integer({ min: -600, max: 0 }),
  marks: fc.subarray(['booted', 'agent-started', 'agent-registered', 'agent-ended']),
})

describe('a running instance within its deadlines', () => {
  it('never is an orphan, whatever the journal, the hub and the console say', () => {
    const ageMs = fc.integer({ min: 0, max: bootMs + agentMs })
    const agents = fc.constantFrom(
      agentsOf({}),
      agentsOf({ 'o-l1-0': 'busy' }),
      agentsOf('failed'),
      new Map(),
    )
    fc.assert(
      fc.property(record, ageMs, agents, (one, age, agentsSeen) => {
        const now = t0 + age
        const { acceptedAt, ...rest } = launchRecord({ state: one.state })
        const launch = one.state === 'intended' ? rest : { ...rest, ...(acceptedAt && { acceptedAt }) }
        const unit = unitRecord({
          phase: one.phase,
          ...(one.reason && { reason: one.reason }),
          ...(one.asked !== undefined && { terminateAskedAt: now + one.asked * 1000 }),
          entered: { booting: t0, gone: now + one.goneAt * 1000 },
        })
        const memory = one.isKnown ? memoryOf({ launches: [launch], units: [unit] }) : memoryOf()
        const marks = Object.fromEntries(one.marks.map(name => [name, 1]))
        const consoles = new Map([['i-1', known({ report: { marks }, tail: '' })]])
        const facts = factsOf(lookOf([instanceOf()], now), { agents: agentsSeen, consoles })
        const { picture } = observe(facts, memory, () => capabilities, now)
        for (const configured of [timeouts, undefined])
          expect(orphansIn(picture, now, configured)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('never is one past boot and agent either, while nothing says that it is not online', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: totalMs - 1 }), age => {
        const now = t0 + age
        const { picture } = observe(factsOf(lookOf([instanceOf()], now)), memoryOf(), () => capabilities, now)
        expect(orphansIn(picture, now)).toEqual([])
      }),
    )
  })
})

describe('an auxiliary resource', () => {
  const disk = (change: Partial<Resource> = {}): Resource => ({
    kind: 'disk',
    id: 'd-1',
    scope: instanceOf().scope,
    state: 'running',
    ownership: ownership(),
    instanceId: 'i-1',
    ...change,
  })

  function sweep(
    askedAt: number,
    sightings: readonly Sighting[],
    change: Partial<Picture> = {},
    one = disk(),
  ) {
    const strays = [{ provider: 'sim', resource: one, askedAt }]
    const picture = pictureOf([], { strays, ...change })
    const now = askedAt + 1
    return orphanStrays({ picture, sightings, settleMsOf: () => settleMs, timeoutsOf: () => undefined, now })
  }

  it('is one after two lists without its instance, settleMs apart', () => {
    const first = sweep(t0, [])
    expect(first).toMatchObject({ orphans: [], isWaiting: true, sightings: [{ firstAt: t0 }] })
    expect(sweep(t0 + settleMs - 1, first.sightings)).toMatchObject({ orphans: [], isWaiting: true })
    const third = sweep(t0 + settleMs, first.sightings)
    expect(third).toMatchObject({ orphans: [{ ref: { kind: 'disk', id: 'd-1' } }], isWaiting: false })
  })

  it('takes two lists, also where the listing is strong', () => {
    const strong = orphanStrays({
      picture: pictureOf([], { strays: [{ provider: 'sim', resource: disk(), askedAt: t0 }] }),
      sightings: [],
      settleMsOf: () => 0,
      timeoutsOf: () => undefined,
      now: t0 + 60_000,
    })
    expect(strong.orphans).toEqual([])
  })

  it('of a machine that is there is none', () => {
    expect(sweep(t0 + settleMs, sweep(t0, []).sightings, { units: [viewOf()] })).toMatchObject({
      orphans: [],
      sightings: [],
    })
  })

  it('of a machine that has ended, and is still shown, is one', () => {
    const units = [viewOf({ instance: instanceOf({ state: 'terminated' } as Partial<Instance>) })]
    const first = sweep(t0, [], { units })
    expect(sweep(t0 + settleMs, first.sightings, { units }).orphans).toHaveLength(1)
  })

  it('past its expiry is one at once', () => {
    const late = disk({ ownership: ownership({ expiresAt: t0 }) })
    expect(sweep(t0, [], {}, late).orphans).toHaveLength(1)
  })

  it('starts anew after a list that shows its instance', () => {
    const first = sweep(t0, [])
    const between = sweep(t0 + 1, first.sightings, { units: [viewOf()] })
    expect(sweep(t0 + settleMs, between.sightings).orphans).toEqual([])
  })

  it('is remembered while its scope cannot be listed', () => {
    const first = sweep(t0, [])
    const blind = orphanStrays({
      picture: pictureOf([], { knownScopes: new Set() }),
      sightings: first.sightings,
      settleMsOf: () => settleMs,
      timeoutsOf: () => undefined,
      now: t0 + settleMs,
    })
    expect(blind).toMatchObject({ orphans: [], sightings: first.sightings, isWaiting: false })
  })
})
