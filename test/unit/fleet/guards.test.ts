import { describe, expect, it } from 'vitest'
import { isSurelyNotOnline } from '../../../src/fleet/deadlines.ts'
import { isGuardLookDue, planGuards } from '../../../src/fleet/guards.ts'
import { observe } from '../../../src/fleet/observe.ts'
import { type AgentSeen, known, type UnitView } from '../../../src/fleet/picture.ts'
import { plan } from '../../../src/fleet/plan.ts'
import {
  capabilities,
  factsOf,
  instanceOf,
  launchRecord,
  lookOf,
  memoryOf,
  pictureOf,
  policyOf,
  t0,
  timeouts,
  unitRecord,
  viewOf,
} from './build.ts'

const later = t0 + 60_000
const guarded = { ...capabilities, isGuardNeeded: true }

describe('planGuards', () => {
  const planned = (change: Partial<UnitView>, now = later) => {
    const view = viewOf({ isGuardNeeded: true, agent: 'busy', ...change })
    return planGuards({ picture: pictureOf([view]), memory: memoryOf(), policy: policyOf(), now }, [])
  }
  const marked = (mark: string) => ({
    agent: 'unknown' as const,
    unit: unitRecord({ marks: { [mark]: t0 } }),
  })

  it.each<[string, Partial<UnitView>]>([
    ['its agent is at work', {}],
    ['its agent waits', { agent: 'idle' }],
    ['it says that it is set up', marked('set-up')],
    ['it says that its agent was started', marked('agent-started')],
    ['its agent has been online', { agent: 'absent', unit: unitRecord({ entered: { online: t0 } }) }],
    ['the last try is long ago', { unit: unitRecord({ guardAskedAt: later - 20_000 }) }],
  ])('when %s', (_, change) => expect(planned(change)).toMatchObject([{ kind: 'guard', ref: { id: 'i-1' } }]))

  it.each<[string, Partial<UnitView>]>([
    ['on a cloud whose guests see to it', { isGuardNeeded: false }],
    ['before its agent is there', { agent: 'absent' }],
    ['while nobody knows', { agent: 'unknown' }],
    ['when it has only booted', marked('booted')],
    ['twice', { unit: unitRecord({ guardedAt: t0 }) }],
    ['right after a try', { unit: unitRecord({ guardAskedAt: later - 19_999 }) }],
    ['once it is off', { instance: instanceOf({ state: 'stopped' }) }],
    ['without a machine', { instance: undefined }],
  ])('not %s', (_, change) => expect(planned(change)).toEqual([]))

  it('not for what another command answers for, and not for what ends', () => {
    const view = viewOf({ isGuardNeeded: true, agent: 'busy' })
    const input = { picture: pictureOf([view]), memory: memoryOf(), now: later }
    expect(plan({ ...input, policy: policyOf({ isMine: () => false }) })).toEqual([])
    const ending = plan({ ...input, policy: policyOf({ intent: 'end' }) })
    expect(ending.map(({ kind }) => kind)).toEqual(['terminate'])
    expect(plan({ ...input, policy: policyOf() }).map(({ kind }) => kind)).toEqual(['guard'])
  })
})

describe('the console of a machine that boots, where it costs a call', () => {
  const due = (change: Parameters<typeof unitRecord>[0], agent: AgentSeen = 'unknown', now = later) =>
    isGuardLookDue(unitRecord(change), agent, now)

  it('is read every 15 s until the user data is known to be read', () => {
    expect(due({}, 'unknown', t0 + 14_999)).toBe(false)
    expect(due({}, 'unknown', t0 + 15_000)).toBe(true)
    expect(due({ guardLookedAt: later - 14_999 })).toBe(false)
    expect(due({ guardLookedAt: later - 15_000 })).toBe(true)
    expect(due({ marks: { 'set-up': t0 } })).toBe(false)
    expect(due({ guardedAt: t0 })).toBe(false)
  })

  it('is not read where the hub says who is online', () => {
    expect(due({}, 'absent')).toBe(false)
    expect(due({}, 'busy')).toBe(false)
  })

  it('says when it was read, and is no evidence that no agent came after it', () => {
    const report = { marks: { booted: 5, 'set-up': 20 } }
    const facts = factsOf(lookOf([instanceOf()], later), {
      consoles: new Map([['i-1', known({ report, tail: '' })]]),
    })
    const memory = memoryOf({ launches: [launchRecord()], units: [unitRecord()] })
    const { picture, units } = observe(facts, memory, () => guarded, later)
    expect(units).toMatchObject([{ guardLookedAt: later, marks: { 'set-up': t0 + 20_000 } }])
    const [view] = picture.units
    expect(view && isSurelyNotOnline(view)).toBe(false)
    const muchLater = t0 + timeouts.bootMs + timeouts.agentMs + 60_000
    const actions = plan({ picture, memory, policy: policyOf(), now: muchLater })
    expect(actions.map(({ kind }) => kind)).toEqual(['guard'])
  })
})
