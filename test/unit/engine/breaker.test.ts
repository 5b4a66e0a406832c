import { describe, expect, it } from 'vitest'
import { nextBreakers, nextHubLimits, plannedEnds, turnsOf } from '../../../src/engine/breaker.ts'
import type { Terminate } from '../../../src/fleet/actions.ts'
import type { UnitView } from '../../../src/fleet/picture.ts'
import { breakerFailuresMax, breakerOpenMs } from '../../../src/fleet/policy.ts'
import type { EndReason } from '../../../src/fleet/reasons.ts'
import type { UnitRecord } from '../../../src/fleet/records.ts'
import {
  instanceOf,
  jobId,
  launchRecord,
  memoryOf,
  pictureOf,
  queueOf,
  t0,
  unitRecord,
  viewOf,
} from '../fleet/build.ts'

const view = (index: number, unit: Partial<UnitRecord> = {}, pool = 'p'): UnitView =>
  viewOf({ unit: unitRecord({ index, jobId: jobId(index), ...unit }), launch: launchRecord({ pool }) })

const ended = (count: number, reason: EndReason, unit: Partial<UnitRecord> = {}) =>
  Array.from({ length: count }, (_, at) => view(at + 1, { reason, detail: 'why', ...unit }))

describe('a machine that ended without a word', () => {
  const opened = (unit: Partial<UnitRecord>, queues = queueOf([])) =>
    nextBreakers(
      { cameOnline: [], ended: ended(breakerFailuresMax, 'unknown', unit) },
      { queues },
      memoryOf(),
      t0,
    )

  it('is a failed boot when its console tells of no agent, and the first one is kept', () => {
    expect(opened({ consoleTail: 'cloud-init: 503' })).toMatchObject([
      { failures: breakerFailuresMax, openUntil: t0 + breakerOpenMs, firstLaunchId: 'l1' },
    ])
  })

  it('is one when its job still waits', () => {
    expect(opened({}, queueOf([1, 2, 3, 4, 5]))).toMatchObject([{ failures: 5 }])
    expect(opened({}, queueOf([1, 2]))).toMatchObject([{ failures: 2, openUntil: 0 }])
  })

  it('says nothing without a console, or when it was online', () => {
    expect(opened({})).toEqual([])
    expect(opened({ consoleTail: 'job: exit 1', entered: { online: t0 } })).toEqual([])
  })
})

describe('turns', () => {
  it('are what is new: who came online, and who ended', () => {
    const before = [
      unitRecord({ index: 1 }),
      unitRecord({ index: 2, reason: 'idle' }),
      unitRecord({ index: 3 }),
    ]
    const after = [
      view(1, { entered: { online: t0 } }),
      view(2, { reason: 'idle' }),
      view(3, { reason: 'lost' }),
      view(4, { reason: 'agent-failed' }),
    ]
    const turns = turnsOf(pictureOf(after), memoryOf({ units: before }))
    expect(turns.cameOnline.map(one => one.unit.index)).toEqual([1])
    expect(turns.ended.map(one => one.unit.index)).toEqual([3, 4])
  })

  it('are also those that the plan ends', () => {
    const { kind, id, scope } = instanceOf()
    const end = (one: UnitView): Terminate => ({
      kind: 'terminate',
      provider: 'sim',
      ref: { kind, id, scope },
      unit: one.unit,
      reason: 'boot-timeout',
      why: '',
    })
    const views = [view(1), view(2, { reason: 'idle' }), view(3)]
    const turns = plannedEnds(pictureOf(views), views.slice(0, 2).map(end))
    expect(turns.ended.map(one => [one.unit.index, one.unit.reason])).toEqual([[1, 'boot-timeout']])
  })
})

describe('nextBreakers', () => {
  const next = (
    views: readonly UnitView[],
    breakers = memoryOf().breakers,
    cameOnline: readonly UnitView[] = [],
  ) => nextBreakers({ ended: views, cameOnline }, pictureOf(), memoryOf({ breakers }), t0)
  const breaker = (failures: number, openUntil = 0) => ({ pool: 'p', failures, openUntil, cause: 'old' })

  it('counts boot failures, and opens at the last one', () => {
    expect(next(ended(breakerFailuresMax - 1, 'boot-timeout'))).toMatchObject([
      { failures: breakerFailuresMax - 1, openUntil: 0, cause: 'boot-timeout: why' },
    ])
    expect(next(ended(1, 'agent-failed'), [breaker(breakerFailuresMax - 1)])).toMatchObject([
      { failures: breakerFailuresMax, openUntil: t0 + breakerOpenMs, cause: 'old' },
    ])
  })

  it.each<[string, readonly UnitView[]]>([
    ['a machine that did its job', ended(9, 'job-finished')],
    ['a reclaim', ended(9, 'spot-reclaimed')],
    ['a launch that the cloud refused', ended(9, 'launch-failed')],
    ['an agent that failed after it was online', ended(9, 'agent-failed', { entered: { online: t0 } })],
  ])('does not count %s', (_, views) => expect(next(views)).toEqual([]))

  it('counts each pool for itself', () => {
    const views = [view(1, { reason: 'boot-timeout' }), view(2, { reason: 'boot-timeout' }, 'q')]
    expect(next(views).map(one => [one.pool, one.failures])).toEqual([
      ['p', 1],
      ['q', 1],
    ])
  })

  it('closes for a machine that came online', () => {
    expect(next([], [breaker(breakerFailuresMax, t0 + 1)], [view(1)])).toMatchObject([
      { failures: 0, openUntil: 0 },
    ])
    expect(next([], [], [view(1)])).toEqual([])
  })

  it('keeps a quota’s pause when one comes online', () => {
    expect(next([], [breaker(1, t0 + 1)], [view(1)])).toMatchObject([{ failures: 0, openUntil: t0 + 1 }])
  })
})

describe('nextHubLimits', () => {
  const limit = { agentType: 's1-x', since: t0, lastProbeAt: t0 }
  const refused = view(1, { reason: 'not-needed', entered: { gone: t0 } })
  const online = view(2, { entered: { online: t0 + 1 } })
  const next = (
    views: readonly UnitView[],
    { queues = queueOf([1]), cameOnline = [] as readonly UnitView[], hubLimits = memoryOf().hubLimits } = {},
  ) => nextHubLimits({ cameOnline, ended: [] }, pictureOf(views, { queues }), memoryOf({ hubLimits }), t0 + 5)

  it('sets one when a refused job is still listed', () => {
    expect(next([refused])).toMatchObject({ set: [{ agentType: 's1-x', since: t0 + 5 }], cleared: [] })
  })

  it.each<[string, ReturnType<typeof next>]>([
    ['its job is not listed any more', next([refused], { queues: queueOf([2]) })],
    ['nobody has read the queue', next([refused], { queues: new Map() })],
    ['one is set already', next([refused], { hubLimits: [limit] })],
    ['another one was granted since', next([refused, online])],
    ['it ended for another reason', next([view(1, { reason: 'lost', entered: { gone: t0 } })])],
    [
      'it was bound to no job',
      next([viewOf({ unit: { ...unitRecord({ reason: 'not-needed' }), jobId: undefined } as never })]),
    ],
  ])('sets none when %s', (_, { set }) => expect(set).toEqual([]))

  it('sets one again for a refusal after a grant', () => {
    const later = view(1, { reason: 'not-needed', entered: { draining: t0 + 2, gone: t0 + 3 } })
    expect(next([later, online]).set).toHaveLength(1)
  })

  it('clears it when a bound machine came online, and not for an unbound one', () => {
    expect(next([], { hubLimits: [limit], cameOnline: [online] }).cleared).toEqual(['s1-x'])
    const { jobId: _, ...unbound } = online.unit
    expect(next([], { hubLimits: [limit], cameOnline: [{ ...online, unit: unbound }] }).cleared).toEqual([])
  })
})
