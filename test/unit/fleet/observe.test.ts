import type { Instance } from '@agentctl/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { overdue } from '../../../src/fleet/deadlines.ts'
import { observe } from '../../../src/fleet/observe.ts'
import { type Facts, known, unknown } from '../../../src/fleet/picture.ts'
import type { Memory, UnitRecord } from '../../../src/fleet/records.ts'
import {
  agentsOf,
  capabilities,
  factsOf,
  instanceOf,
  jobId,
  launchRecord,
  lookOf,
  memoryOf,
  minute,
  offering,
  ownership,
  settleMs,
  t0,
  timeouts,
  unitRecord,
} from './build.ts'

type Poweroff = 'stops' | 'deletes'

/** One unit's way through a number of looks, each remembered for the next. */
function watch(
  start: Partial<UnitRecord> = {},
  { launch = launchRecord(), poweroff = 'stops' as Poweroff } = {},
) {
  let memory: Memory = memoryOf({ launches: [launch], units: [unitRecord(start)] })
  const look = (seen: readonly Instance[] | 'failed', at: number, more: Partial<Facts> = {}) => {
    const seenAt = observe(factsOf(lookOf(seen, at), more), memory, () => ({ ...capabilities, poweroff }), at)
    const byKey = new Map(
      [...memory.units, ...seenAt.units].map(unit => [`${unit.launchId}.${unit.index}`, unit]),
    )
    const launches = new Map([...memory.launches, ...seenAt.launches].map(one => [one.launchId, one]))
    memory = { ...memory, units: [...byKey.values()], launches: [...launches.values()] }
    const [view] = seenAt.picture.units
    if (!view) throw new Error('no unit')
    return { ...view, changed: seenAt.units.length, launches: seenAt.launches }
  }
  return { look, memory: () => memory }
}

const said = (text: string, marks: Readonly<Record<string, number>> = {}) => {
  const [reason = '', detail = ''] = text.split(': ')
  return { consoles: new Map([['i-1', known({ report: { marks, end: { reason, detail } }, tail: 'tail' })]]) }
}
const marked = (marks: Readonly<Record<string, number>>) => ({
  consoles: new Map([['i-1', known({ report: { marks }, tail: 'tail' })]]),
})

describe('absence', () => {
  const accepted = t0

  it('of a machine just accepted means nothing until the listing has settled', () => {
    const { look } = watch()
    expect(look([], accepted + settleMs - 1).unit.absentSince).toBeUndefined()
    expect(look([], accepted + settleMs).unit.absentSince).toBe(accepted + settleMs)
  })

  it('takes a second complete list, settleMs after the first', () => {
    const { look } = watch()
    const first = accepted + minute
    expect(look([], first)).toMatchObject({ unit: { phase: 'booting', absentSince: first }, isAbsent: false })
    expect(look([], first + settleMs - 1).unit.phase).toBe('booting')
    expect(look([], first + settleMs)).toMatchObject({
      unit: { phase: 'gone', reason: 'lost' },
      isAbsent: true,
    })
  })

  it('of a spot machine is a reclaim, where a power-off would have left it to be seen', () => {
    const launch = launchRecord({ offering: offering('small/a/spot', { market: 'spot' }) })
    const { look } = watch({}, { launch })
    look([], accepted + minute)
    expect(look([], accepted + minute + settleMs).unit).toMatchObject({
      phase: 'gone',
      reason: 'spot-reclaimed',
    })
  })

  it('takes two lists also where the listing is said to be strong', () => {
    const strong = { ...capabilities, settleMs: 0 }
    const memory = memoryOf({ launches: [launchRecord()], units: [unitRecord()] })
    const { picture } = observe(factsOf(lookOf([], t0 + 1)), memory, () => strong, t0 + 1)
    expect(picture.units[0]?.unit.phase).toBe('booting')
  })

  it('starts anew when the machine is seen again', () => {
    const { look } = watch()
    look([], t0 + minute)
    expect(look([instanceOf()], t0 + 2 * minute).unit.absentSince).toBeUndefined()
    expect(look([], t0 + 3 * minute).unit.phase).not.toBe('gone')
  })

  it('is not proved by a list that failed', () => {
    const { look } = watch()
    look([], t0 + minute)
    expect(look('failed', t0 + 60 * minute)).toMatchObject({ unit: { phase: 'booting' }, isAbsent: false })
    expect(look([], t0 + 61 * minute).unit.phase).toBe('gone')
  })

  it('of a launch whose answer never came is never its end, but is known when it is proved', () => {
    const open = launchRecord({ state: 'intended', doubtedAt: t0 })
    const { acceptedAt: _, ...launch } = open
    const { look } = watch({ phase: 'launching' }, { launch })
    // It may take effect late, and show later still.
    expect(look([], t0 + minute).unit.absentSince).toBeUndefined()
    expect(look([], t0 + 2 * minute)).toMatchObject({ isAbsent: false, unit: { phase: 'launching' } })
    expect(look([], t0 + 3 * minute)).toMatchObject({ isAbsent: true, unit: { phase: 'launching' } })
  })

  it('is judged anew after another call with the same id', () => {
    const { acceptedAt: _, ...launch } = launchRecord({ state: 'intended', doubtedAt: t0 + 3 * minute })
    const { look } = watch({ phase: 'launching', absentSince: t0 + 2 * minute }, { launch })
    expect(look([], t0 + 3 * minute + 1).isAbsent).toBe(false)
    expect(look([], t0 + 5 * minute).isAbsent).toBe(false)
    expect(look([], t0 + 6 * minute).isAbsent).toBe(true)
  })
})

describe('a look that failed', () => {
  it('changes nothing, whatever was known', () => {
    const phase = fc.constantFrom(
      'launching',
      'booting',
      'online',
      'draining',
      'terminating',
      'gone' as const,
    )
    const agents = fc.constantFrom(
      agentsOf({}),
      agentsOf({ 'o-l1-0': 'busy' }),
      agentsOf('failed'),
      new Map(),
    )
    fc.assert(
      fc.property(phase, agents, fc.integer({ min: 0, max: 48 * 60 }), (before, agentsSeen, minutes) => {
        const { look, memory } = watch({ phase: before })
        const was = memory().units
        const seen = look('failed', t0 + minutes * minute, { agents: agentsSeen })
        expect(seen.changed).toBe(0)
        expect(seen.isScopeKnown).toBe(false)
        expect(memory().units).toEqual(was)
      }),
    )
  })

  it('does not move back a machine that is online', () => {
    const { look } = watch({ phase: 'online', entered: { booting: t0, online: t0 + minute } })
    expect(look('failed', t0 + 2 * minute).unit.phase).toBe('online')
    expect(look([], t0 + 2 * minute).unit.phase).toBe('online')
  })
})

describe('the way down', () => {
  it('counts the agent as left only while the hub says so', () => {
    const { look } = watch()
    expect(look([instanceOf()], t0 + 1, { agents: agentsOf({ 'o-l1-0': 'busy' }) }).unit.phase).toBe('online')
    expect(look([instanceOf()], t0 + 2, { agents: agentsOf({}) }).unit.phase).toBe('draining')
    const back = look([instanceOf()], t0 + 3, { agents: agentsOf({ 'o-l1-0': 'busy' }) }).unit
    expect(back).toMatchObject({ phase: 'online', entered: { online: t0 + 1 } })
    expect(back.entered.draining).toBeUndefined()
    const again = look([instanceOf()], t0 + 60 * minute, { agents: agentsOf({}) }).unit
    expect(again.entered.draining).toBe(t0 + 60 * minute)
  })

  it('is not undone by a hub that does not answer', () => {
    const { look } = watch()
    look([instanceOf()], t0 + 1, { agents: agentsOf({ 'o-l1-0': 'idle' }) })
    look([instanceOf()], t0 + 2, { agents: agentsOf({}) })
    expect(look([instanceOf()], t0 + 3, { agents: agentsOf('failed') }).unit.phase).toBe('draining')
  })

  it('is not undone when the console is read no more', () => {
    const { look } = watch()
    expect(
      look([instanceOf()], t0 + 1, said('agent-failed: exit=1', { 'agent-registered': 0 })).unit.phase,
    ).toBe('draining')
    expect(look([instanceOf()], t0 + 2).unit).toMatchObject({ phase: 'draining', reason: 'agent-failed' })
  })

  it.each<[string, Partial<Instance>, Partial<Facts>, Partial<UnitRecord>]>([
    [
      'the console, first of all',
      { state: 'stopped', isReclaimed: true },
      said('job-finished: exit=0'),
      {
        reason: 'job-finished',
        detail: 'exit=0',
      },
    ],
    ['a refusal', { state: 'stopped' }, said('refused: job not available'), { reason: 'not-needed' }],
    ['a word that we do not know', { state: 'stopped' }, said('martians: x'), { reason: 'unknown' }],
    [
      'a reclaim',
      { state: 'stopped', isReclaimed: true, fault: 'outbid' },
      {},
      {
        reason: 'spot-reclaimed',
        detail: 'outbid',
      },
    ],
    [
      'a machine that the cloud gave up',
      { state: 'failed', fault: 'host' },
      {},
      { reason: 'lost', detail: 'host' },
    ],
    ['a silent stop', { state: 'stopped' }, {}, { reason: 'unknown' }],
    [
      'a machine that ended and is still shown',
      { state: 'terminated' },
      {},
      { reason: 'unknown', phase: 'gone' },
    ],
    ['a running one', { state: 'running' }, {}, { phase: 'booting' }],
  ])('has the reason of %s', (_, change, facts, expected) => {
    const { unit } = watch().look([instanceOf(change)], t0 + minute, facts)
    expect(unit).toMatchObject(expected)
    if (!expected.reason) expect(unit.reason).toBeUndefined()
  })

  it.each<[string, Partial<UnitRecord>, Partial<Facts>, string]>([
    ['was at its job and left it', {}, {}, 'job-finished'],
    ['is bound to no job', { jobId: undefined as never }, {}, 'unknown'],
    ['was never online', { entered: {} }, {}, 'unknown'],
    ['is still listed', {}, { agents: agentsOf({ [unitRecord().name]: 'busy' }) }, 'unknown'],
    ['nobody knows of now', {}, { agents: new Map() }, 'unknown'],
    ['said otherwise', {}, said('agent-failed: exit=1'), 'agent-failed'],
  ])('takes the word of the hub for a machine that is gone and %s', (_, change, facts, reason) => {
    const unit = { jobId: jobId(1), entered: { online: t0 }, phase: 'online' as const, ...change }
    const { look } = watch(unit, { poweroff: 'deletes' })
    const gone = instanceOf({ state: 'terminated' })
    expect(look([gone], t0 + minute, { agents: agentsOf({}), ...facts }).unit.reason).toBe(reason)
  })

  it('does not take it for a spot machine, which may have been given notice', () => {
    const launch = launchRecord({ offering: offering('s', { market: 'spot' }) })
    const { look } = watch({ jobId: jobId(1), entered: { online: t0 }, phase: 'online' }, { launch })
    const gone = instanceOf({ state: 'terminated' })
    expect(look([gone], t0 + minute, { agents: agentsOf({}) }).unit.reason).toBe('unknown')
  })

  it('does not take it near the end of the machine’s time, when it is asked to stop', () => {
    const { look } = watch({ jobId: jobId(1), entered: { online: t0 }, phase: 'online' })
    const { expiresAt } = launchRecord()
    const gone = instanceOf({ state: 'terminated' })
    expect(look([gone], expiresAt - minute, { agents: agentsOf({}) }).unit.reason).toBe('unknown')
  })

  it('has no reason yet while the console cannot be read', () => {
    const { look } = watch()
    const failed = { consoles: new Map([['i-1', unknown('429')]]) }
    expect(look([instanceOf({ state: 'stopped' })], t0 + 1, failed).unit.reason).toBeUndefined()
    expect(look([instanceOf({ state: 'stopped' })], t0 + 2, said('job-finished')).unit.reason).toBe(
      'job-finished',
    )
  })

  it('where a power-off deletes, being gone without a word is no loss', () => {
    const { look } = watch({}, { poweroff: 'deletes' })
    look([], t0 + minute)
    expect(look([], t0 + 2 * minute).unit).toMatchObject({ phase: 'gone', reason: 'unknown' })
  })

  it('knows from the console alone that a machine was online', () => {
    const { look } = watch()
    const end = said('job-finished: exit=0', { booted: 10, 'agent-registered': 20 })
    expect(look([instanceOf({ state: 'stopped' })], t0 + minute, end).unit.entered.online).toBe(t0 + 20_000)
  })

  it('an unmapped state is no end', () => {
    expect(watch().look([instanceOf({ state: 'unknown' })], t0 + 1).unit).toMatchObject({ phase: 'booting' })
  })
})

describe('marks', () => {
  it('are kept, in our time', () => {
    const { look } = watch()
    look([instanceOf({ createdAt: t0 + 500 })], t0 + minute, marked({ booted: 1.5 }))
    expect(look([instanceOf()], t0 + 2 * minute).unit.marks).toEqual({ booted: t0 + 2000 })
  })
})

describe('adoption', () => {
  const empty = memoryOf()
  const observed = (seen: readonly Instance[], memory = empty, now = t0 + minute) =>
    observe(factsOf(lookOf(seen, now)), memory, () => capabilities, now)

  it('makes records of what only the tags know', () => {
    const { picture, launches, units } = observed([instanceOf()])
    expect(launches).toMatchObject([
      { launchId: 'l1', runId: '', pool: 'p', state: 'accepted', acceptedAt: t0 },
    ])
    expect(units.at(-1)).toMatchObject({ want: jobId(1), jobId: jobId(1), attempt: 1, instanceId: 'i-1' })
    expect(picture.units).toHaveLength(1)
  })

  it('makes none of a dead machine that nobody knew', () => {
    const { picture, launches, units } = observed([instanceOf({ state: 'terminated' })])
    expect([...launches, ...units, ...picture.units]).toEqual([])
  })

  it('makes none of a dead machine of a launch that is known', () => {
    const units = [
      { index: 0, name: 'n0', attempt: 1 },
      { index: 1, name: 'n1', attempt: 1 },
    ]
    const memory = memoryOf({ launches: [launchRecord({ units })], units: [unitRecord()] })
    const dead = instanceOf({ id: 'i-2', unitIndex: 1, state: 'terminated', ownership: ownership({ units }) })
    const { picture } = observed([instanceOf(), dead], memory)
    expect(picture.units.map(view => view.unit.index)).toEqual([0])
  })

  it('takes a seen launch for accepted, whatever the answer was', () => {
    const { acceptedAt: _, ...open } = launchRecord({ state: 'intended' })
    const memory = memoryOf({ launches: [open], units: [unitRecord({ phase: 'launching' })] })
    const { launches, picture } = observed([instanceOf()], memory)
    expect(launches).toMatchObject([{ runId: 'run', state: 'accepted' }])
    expect(picture.units[0]?.unit).toMatchObject({ phase: 'booting', instanceId: 'i-1' })
  })

  it('believes the cloud’s clock only as far as ours allows', () => {
    const { acceptedAt: _, ...open } = launchRecord({ state: 'intended', intendedAt: t0 + 30_000 })
    const acceptedAt = (createdAt: number, launch = open) =>
      observed([instanceOf({ createdAt })], memoryOf({ launches: [launch], units: [unitRecord()] }))
        .launches[0]?.acceptedAt
    expect(acceptedAt(t0 - 120 * minute)).toBe(t0 + 30_000)
    expect(acceptedAt(t0 + 120 * minute)).toBe(t0 + minute)
    expect(observed([instanceOf({ createdAt: t0 + 120 * minute })]).launches[0]?.acceptedAt).toBe(t0 + minute)
  })

  it('takes up again what was written down as gone and runs all the same', () => {
    const end = { phase: 'gone', reason: 'launch-failed', errorCode: 'unavailable' } as const
    const { look } = watch({ ...end, entered: { gone: t0 } }, { launch: launchRecord({ state: 'settled' }) })
    // A list that lags may still show what is gone.
    expect(look([instanceOf()], t0 + settleMs).unit.phase).toBe('gone')
    const { unit, launch } = look([instanceOf()], t0 + settleMs + 1)
    expect(unit).toMatchObject({ phase: 'booting', instanceId: 'i-1' })
    expect(unit.reason).toBeUndefined()
    expect(unit.errorCode).toBeUndefined()
    expect(launch.state).toBe('accepted')
  })
})

describe('another machine under the same name', () => {
  // Made by a host with a journal of its own, after the first had gone.
  const asked = {
    phase: 'terminating',
    reason: 'unknown',
    terminateAskedAt: t0,
    marks: { booted: t0 },
  } as const

  it('was not asked to end, and has said nothing yet', () => {
    const { look } = watch({ ...asked, instanceId: 'i-1', guardedAt: t0 })
    const { unit } = look([instanceOf({ id: 'i-2' })], t0 + minute)
    expect(unit).toMatchObject({ phase: 'booting', instanceId: 'i-2', marks: {} })
    expect(unit).not.toHaveProperty('terminateAskedAt')
    expect(unit).not.toHaveProperty('guardedAt')
    expect(unit).not.toHaveProperty('reason')
    expect(look([instanceOf({ id: 'i-2' })], t0 + 2 * minute).changed).toBe(0)
  })

  it('was not asked to end either where the first was seen to go', () => {
    const { look } = watch({ ...asked, phase: 'gone', entered: { gone: t0 }, instanceId: 'i-1' })
    const { unit } = look([instanceOf({ id: 'i-2' })], t0 + minute)
    expect(unit).toMatchObject({ phase: 'booting', instanceId: 'i-2', marks: {} })
    expect(unit).not.toHaveProperty('terminateAskedAt')
  })

  it('has the time that a boot may take from when it is seen', () => {
    const launch = launchRecord({ acceptedAt: t0 })
    const { look } = watch({ ...asked, phase: 'gone', entered: { gone: t0 }, instanceId: 'i-1' }, { launch })
    const seenAt = t0 + timeouts.bootMs + minute
    const view = look([instanceOf({ id: 'i-2' })], seenAt, { agents: agentsOf({}) })
    expect(view.agent).toBe('absent')
    expect(overdue(view, timeouts, seenAt)).toBeUndefined()
    expect(overdue(view, timeouts, seenAt + timeouts.bootMs + 1)).toMatchObject({ reason: 'boot-timeout' })
  })

  it('that is over changes nothing of the first', () => {
    const { look } = watch({ ...asked, instanceId: 'i-1' })
    const { unit } = look([instanceOf({ id: 'i-2', state: 'failed' })], t0 + minute)
    expect(unit).toMatchObject({ phase: 'terminating', reason: 'unknown', terminateAskedAt: t0 })
  })
})

describe('strays and scopes', () => {
  it('tells what was listed, and what could not be', () => {
    const disk = { ...instanceOf(), kind: 'disk' as const, id: 'd-1', instanceId: 'i-1' }
    const seen = observe(factsOf(lookOf([disk], t0)), memoryOf(), () => capabilities, t0)
    expect(seen.picture.strays).toMatchObject([{ provider: 'sim', askedAt: t0, resource: { id: 'd-1' } }])
    expect([...seen.picture.knownScopes]).toEqual(['sim/acc/here'])
    const blind = observe(factsOf(lookOf('failed', t0)), memoryOf(), () => capabilities, t0)
    expect(blind.picture).toMatchObject({ strays: [], knownScopes: new Set() })
  })
})

describe('observe', () => {
  it('says the same again without a change', () => {
    const { look } = watch()
    const facts = { agents: agentsOf({ 'o-l1-0': 'busy' }) }
    look([instanceOf()], t0 + 1, facts)
    expect(look([instanceOf()], t0 + 2, facts).changed).toBe(0)
  })
})
