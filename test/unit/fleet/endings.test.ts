import type { Instance, ResourceState } from '@agentctl/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSurelyNotOnline, overdue } from '../../../src/fleet/deadlines.ts'
import { claims } from '../../../src/fleet/mine.ts'
import { type PhaseFacts, phaseOf, phases } from '../../../src/fleet/phases.ts'
import type { AgentSeen, UnitView } from '../../../src/fleet/picture.ts'
import { isEndingSoon, planEndings } from '../../../src/fleet/plan-endings.ts'
import { lastWordMs, type Policy, terminateAgainMs } from '../../../src/fleet/policy.ts'
import {
  instanceOf,
  launchRecord,
  memoryOf,
  minute,
  ownership,
  pictureOf,
  policyOf,
  t0,
  timeouts,
  unitRecord,
  viewOf,
} from './build.ts'

const { bootMs, agentMs, jobMs, totalMs } = timeouts

describe('phaseOf', () => {
  const facts: PhaseFacts = {
    instance: instanceOf(),
    isGone: false,
    isTerminateAsked: false,
    agent: 'unknown',
    hasAgentRegistered: false,
    hasAgentEnded: false,
    hasBeenOnline: false,
    wasDraining: false,
  }
  const withState = (state: ResourceState) => ({ instance: instanceOf({ state }) })

  it.each<[string, Partial<PhaseFacts>, string]>([
    ['just accepted', {}, 'booting'],
    ['in a state that nobody knows', withState('unknown'), 'booting'],
    ['idle at the hub', { agent: 'idle' }, 'online'],
    ['busy at the hub', { agent: 'busy' }, 'online'],
    ['registered, by its own word', { hasAgentRegistered: true }, 'online'],
    ['online before, and the hub does not answer', { hasBeenOnline: true }, 'online'],
    ['not at the hub yet', { agent: 'absent' }, 'booting'],
    ['not at the hub any more', { agent: 'absent', hasBeenOnline: true }, 'draining'],
    ['leaving, and the hub does not answer', { hasBeenOnline: true, wasDraining: true }, 'draining'],
    ['back at the hub', { agent: 'busy', hasBeenOnline: true, wasDraining: true }, 'online'],
    ['ended, by its own word', { hasAgentEnded: true, agent: 'busy' }, 'draining'],
    ['stopped', withState('stopped'), 'draining'],
    ['failed', withState('failed'), 'draining'],
    ['stopping', withState('stopping'), 'terminating'],
    ['asked to end', { isTerminateAsked: true, agent: 'busy' }, 'terminating'],
    ['terminated', withState('terminated'), 'gone'],
    ['proved absent', { instance: undefined, isGone: true, hasBeenOnline: true }, 'gone'],
  ])('%s', (_, change, phase) => expect(phaseOf({ ...facts, ...change })).toBe(phase))

  it('has an answer for whatever is known', () => {
    const state = fc.constantFrom<ResourceState>(
      'pending',
      'running',
      'stopping',
      'stopped',
      'failed',
      'terminated',
    )
    const any = fc.record<PhaseFacts>({
      instance: state.map(one => instanceOf({ state: one })),
      isGone: fc.boolean(),
      isTerminateAsked: fc.boolean(),
      agent: fc.constantFrom<AgentSeen>('idle', 'busy', 'absent', 'unknown'),
      hasAgentRegistered: fc.boolean(),
      hasAgentEnded: fc.boolean(),
      hasBeenOnline: fc.boolean(),
      wasDraining: fc.boolean(),
    })
    fc.assert(
      fc.property(any, one => {
        const phase = phaseOf(one)
        expect(phases).toContain(phase)
        expect(phase === 'gone').toBe(one.isGone || one.instance?.state === 'terminated')
      }),
    )
  })
})

describe('overdue', () => {
  const booted = { booted: t0 + 1 }
  const started = { ...booted, 'agent-started': t0 + 2 }
  const view = (unit: Parameters<typeof unitRecord>[0], change: Partial<UnitView> = {}) =>
    viewOf({ unit: unitRecord({ instanceId: 'i-1', ...unit }), ...change })

  it.each<[string, UnitView, number, string | undefined]>([
    ['at its expiry', view({}), totalMs, 'expired'],
    ['before it, knowing nothing', view({}), totalMs - 1, undefined],
    ['booting, absent at the hub, in time', view({}, { agent: 'absent' }), bootMs, undefined],
    ['booting, absent at the hub, too long', view({}, { agent: 'absent' }), bootMs + 1, 'boot-timeout'],
    ['booted, by its console, no agent', view({ marks: booted }), bootMs + 1, 'boot-timeout'],
    ['an agent that is in time', view({ marks: started }), bootMs + agentMs, undefined],
    ['an agent that does not register', view({ marks: started }), bootMs + agentMs + 1, 'agent-timeout'],
    ['busy, whatever the marks', view({ marks: booted }, { agent: 'busy' }), bootMs + 1, undefined],
    [
      'registered, by its console',
      view({ marks: { ...started, 'agent-registered': t0 + 3 } }),
      totalMs - 1,
      undefined,
    ],
    [
      'a job in time',
      view({ phase: 'online', entered: { online: t0 } }, { agent: 'busy' }),
      jobMs,
      undefined,
    ],
    [
      'a job that runs too long',
      view({ phase: 'online', entered: { online: t0 } }, { agent: 'busy' }),
      jobMs + 1,
      'expired',
    ],
    ['the same, unseen', view({ phase: 'online', entered: { online: t0 } }), jobMs + 1, undefined],
    [
      'left, in time',
      view({ phase: 'draining', entered: { draining: t0 } }, { agent: 'absent' }),
      agentMs,
      undefined,
    ],
    [
      'left, and still there',
      view({ phase: 'draining', entered: { draining: t0 } }, { agent: 'absent' }),
      agentMs + 1,
      'unknown',
    ],
    [
      'left, the hub does not answer',
      view({ phase: 'draining', entered: { draining: t0 } }),
      agentMs + 1,
      undefined,
    ],
    [
      'ended, by its own word',
      view({ phase: 'draining', reason: 'job-finished', entered: { draining: t0 } }),
      agentMs + 1,
      'job-finished',
    ],
    [
      'ended, by its own word, and busy at the hub',
      view({ phase: 'draining', reason: 'job-finished', entered: { draining: t0 } }, { agent: 'busy' }),
      agentMs + 1,
      undefined,
    ],
    [
      'stopping for too long',
      view(
        { phase: 'terminating', entered: { terminating: t0 } },
        { instance: instanceOf({ state: 'stopping' }) },
      ),
      agentMs + 1,
      'unknown',
    ],
  ])('%s', (_, one, afterMs, reason) => expect(overdue(one, timeouts, t0 + afterMs)?.reason).toBe(reason))

  it('goes by what is written on the machine', () => {
    const instance = instanceOf({ ownership: ownership({ expiresAt: t0 + minute }) })
    expect(overdue(viewOf({ instance }), timeouts, t0 + minute)?.reason).toBe('expired')
    const later = instanceOf({ ownership: ownership({ expiresAt: t0 + totalMs + minute }) })
    expect(overdue(viewOf({ instance: later }), timeouts, t0 + totalMs)).toBeUndefined()
  })

  it('takes silence for no evidence', () => {
    expect(isSurelyNotOnline(viewOf())).toBe(false)
    expect(isSurelyNotOnline(viewOf({ agent: 'absent' }))).toBe(true)
  })
})

describe('planEndings', () => {
  const plan = (view: UnitView, change: Partial<Policy> = {}, now = t0 + minute) =>
    planEndings({ picture: pictureOf([view]), memory: memoryOf(), policy: policyOf(change), now })
  const reasons = (...args: Parameters<typeof plan>) => plan(...args).map(one => one.reason)
  const inState = (state: ResourceState, change: Partial<Instance> = {}) => instanceOf({ state, ...change })

  it.each<[string, UnitView, string[]]>([
    ['a running one: no', viewOf(), []],
    [
      'a failed one',
      viewOf({ instance: inState('failed'), unit: unitRecord({ phase: 'draining', reason: 'lost' }) }),
      ['lost'],
    ],
    ['one that nobody sees: no', viewOf({ instance: undefined }), []],
    ['one of a state that nobody knows: no', viewOf({ instance: inState('unknown') }), []],
    [
      'a stopped one that said why',
      viewOf({
        instance: inState('stopped'),
        unit: unitRecord({ phase: 'draining', reason: 'idle', entered: { draining: t0 + minute } }),
      }),
      ['idle'],
    ],
    ['one that is gone: no', viewOf({ unit: unitRecord({ phase: 'gone', reason: 'idle' }) }), []],
  ])('%s', (_, view, expected) => expect(reasons(view)).toEqual(expected))

  it('waits a while for the last word of a stopped machine', () => {
    const unit = unitRecord({ phase: 'draining', entered: { draining: t0 } })
    const view = viewOf({ instance: inState('stopped'), unit })
    expect(reasons(view, {}, t0 + lastWordMs - 1)).toEqual([])
    expect(reasons(view, {}, t0 + lastWordMs)).toEqual(['unknown'])
  })

  it('ends nothing in a scope that could not be listed, whatever its state, age or intent', () => {
    const state = fc.constantFrom<ResourceState>(
      'pending',
      'running',
      'stopping',
      'stopped',
      'failed',
      'unknown',
    )
    const intent = fc.constantFrom('run', 'drain', 'end' as const)
    fc.assert(
      fc.property(state, intent, fc.integer({ min: 0, max: 72 * 60 }), (one, wanted, minutes) => {
        const view = viewOf({ instance: inState(one), isScopeKnown: false, agent: 'absent' })
        expect(plan(view, { intent: wanted }, t0 + minutes * minute)).toEqual([])
      }),
    )
  })

  it('ends nothing that another live command answers for', () => {
    expect(
      plan(viewOf({ instance: inState('stopped') }), { isMine: () => false }, t0 + 99 * totalMs),
    ).toEqual([])
  })

  it('a machine that a list without lag shows powered off is ended again at once', () => {
    const unit = unitRecord({ phase: 'terminating', terminateAskedAt: t0, terminateAcceptedAt: t0 })
    const view = (isListStrong: boolean) => viewOf({ unit, instance: inState('stopped'), isListStrong })
    expect(isEndingSoon(view(true), t0 + 1000)).toBe(false)
    expect(isEndingSoon(view(false), t0 + 1000)).toBe(true)
  })

  it('asks again when nothing came of it, and not before', () => {
    const asked = { phase: 'terminating', terminateAskedAt: t0, reason: 'idle' } as const
    const unit = unitRecord({ ...asked, terminateAcceptedAt: t0 })
    // A list that lags shows for a while what was there before.
    for (const state of ['running', 'stopping', 'stopped'] as const) {
      const view = viewOf({ unit, instance: inState(state) })
      expect(reasons(view, {}, t0 + terminateAgainMs)).toEqual([])
      expect(reasons(view, {}, t0 + terminateAgainMs + 1)).toEqual(['idle'])
    }
  })

  it('asks again at once when nobody has accepted it', () => {
    const unit = unitRecord({ phase: 'terminating', terminateAskedAt: t0, reason: 'idle' })
    expect(reasons(viewOf({ unit }), {}, t0 + 1)).toEqual(['idle'])
  })

  it('leaves one at work that was called off by a call that may never have left', () => {
    const asked = { phase: 'terminating', terminateAskedAt: t0, reason: 'not-needed' } as const
    const called = unitRecord(asked)
    const pending = viewOf({ unit: called, instance: inState('pending'), isListStrong: true })
    expect(reasons(pending, {}, t0 + 1)).toEqual(['not-needed'])
    expect(reasons(viewOf({ unit: called, agent: 'busy' }), {}, t0 + 1)).toEqual([])
    expect(reasons(viewOf({ unit: called, instance: inState('stopped') }), {}, t0 + 1)).toEqual([
      'not-needed',
    ])
    const accepted = unitRecord({ ...asked, terminateAcceptedAt: t0 })
    const view = viewOf({ unit: accepted, agent: 'busy' })
    expect(reasons(view, {}, t0 + terminateAgainMs + 1)).toEqual(['not-needed'])
  })

  it('leaves a held machine alone, but not past its own deadline', () => {
    const held = inState('stopped', {
      ownership: ownership({ holdUntil: t0 + 9 * totalMs, expiresAt: t0 + totalMs }),
    })
    const unit = unitRecord({ reason: 'agent-failed', entered: { draining: t0 } })
    expect(plan(viewOf({ instance: held, unit }), { intent: 'end' })).toEqual([])
    expect(reasons(viewOf({ instance: held, unit }), {}, t0 + totalMs)).toEqual(['agent-failed'])
  })

  describe('to drain', () => {
    const drain = (view: UnitView) => reasons(view, { intent: 'drain' })
    const marks = (...names: string[]) =>
      unitRecord({ marks: Object.fromEntries(names.map(name => [name, t0])) })

    it.each<[string, UnitView, string[]]>([
      ['one that is pending', viewOf({ instance: inState('pending'), isListStrong: true }), ['cancelled']],
      ['one that was pending, by a list that lags: no', viewOf({ instance: inState('pending') }), []],
      [
        'one whose list is old, and whose agent is busy: no',
        viewOf({ instance: inState('pending'), agent: 'busy', isListStrong: true }),
        [],
      ],
      ['one that has booted, and has no agent', viewOf({ unit: marks('booted') }), ['cancelled']],
      ['one with an agent: no', viewOf({ unit: marks('booted', 'agent-started') }), []],
      ['one of which nothing is known: no', viewOf(), []],
    ])('ends %s', (_, view, expected) => expect(drain(view)).toEqual(expected))
  })

  it('to end, ends everything', () => {
    expect(reasons(viewOf({ agent: 'busy' }), { intent: 'end' })).toEqual(['cancelled'])
  })

  it('keeps the reason that the machine gave', () => {
    const unit = unitRecord({ phase: 'draining', reason: 'agent-failed', entered: { draining: t0 } })
    expect(plan(viewOf({ unit, instance: inState('stopped') }))).toMatchObject([
      { kind: 'terminate', provider: 'sim', ref: { kind: 'instance', id: 'i-1' }, reason: 'agent-failed' },
    ])
  })
})

describe('claims', () => {
  const isRunOver = (runId: string) => runId !== 'live'
  const claim = { runId: 'me', pools: new Set(['p']), isRunOver, intent: 'run' } as const

  it.each<[string, string, string, boolean]>([
    ['its own, of any pool', 'me', 'q', true],
    ['what a dead run left in its pools', 'dead', 'p', true],
    ['what a dead run left elsewhere: no', 'dead', 'q', false],
    ['what was found in the cloud', '', 'p', true],
    ['what was found in the cloud elsewhere: no', '', 'q', false],
    ['what a live run does: no', 'live', 'p', false],
  ])('%s', (_, runId, pool, isMine) => {
    expect(claims(claim, launchRecord({ runId, pool }))).toBe(isMine)
  })

  it.each(['drain', 'end'] as const)('on its way out (%s) not what a host may be at work with', intent => {
    const isMine = (runId: string) => claims({ ...claim, intent }, launchRecord({ runId }))
    expect(['me', 'dead', 'live', ''].map(isMine)).toEqual([true, true, false, false])
  })
})
