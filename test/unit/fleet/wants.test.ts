import { describe, expect, it } from 'vitest'
import type { Want } from '../../../src/fleet/actions.ts'
import { codeOfUnit, codeOfWant } from '../../../src/fleet/outcome.ts'
import type { Picture } from '../../../src/fleet/picture.ts'
import {
  asEndReason,
  type EndReason,
  endReasons,
  isBootFailure,
  verdictOf,
} from '../../../src/fleet/reasons.ts'
import type { UnitRecord } from '../../../src/fleet/records.ts'
import { attemptsMaxOf, type WantState, wantStates } from '../../../src/fleet/wants.ts'
import {
  jobWant,
  launchRecord,
  pictureOf,
  policyOf,
  poolPolicy,
  queueOf,
  t0,
  unitRecord,
  viewOf,
} from './build.ts'

const slot: Want = { key: 'slot:run:0', agentType: 's1-x' }

interface End extends Partial<UnitRecord> {
  readonly ran?: boolean
}

/** Machines of the want that are gone, in the order of their attempts. */
function gone(want: Want, ends: readonly End[]) {
  return ends.map(({ ran, ...change }, at) => {
    const launchId = `l${at}`
    const unit = unitRecord({
      launchId,
      want: want.key,
      attempt: at + 1,
      phase: 'gone',
      entered: { ...(ran && { online: t0 }), gone: t0 + 1 },
      ...change,
    })
    return viewOf({ instance: undefined, unit, launch: launchRecord({ launchId }) })
  })
}

function stateOf(want: Want, ends: readonly End[], queues: Picture['queues'] = new Map()): WantState {
  const [one] = wantStates([want], pictureOf(gone(want, ends), { queues }), () => 3)
  if (!one) throw new Error('no state')
  return one.state
}

const job = jobWant(1)
const listed = queueOf([1])
const notListed = queueOf([2])
const unread: Picture['queues'] = new Map()
const failure: End = { reason: 'boot-timeout' }
const times = (count: number, end: End) => Array.from({ length: count }, () => end)

describe('wantStates', () => {
  it.each<[string, Want, readonly End[], Picture['queues'], Partial<WantState>]>([
    ['open at first', job, [], unread, { state: 'open', attempt: 1, failures: 0 }],
    ['done when its job has run', job, [{ reason: 'job-finished', ran: true }], unread, { state: 'done' }],
    ['done when it was cancelled here', job, [{ reason: 'cancelled' }], listed, { state: 'done' }],
    [
      'open again after a failure before it ran',
      job,
      [failure],
      unread,
      { state: 'open', attempt: 2, failures: 1 },
    ],
    ['open after two failures', job, times(2, failure), unread, { state: 'open', attempt: 3, failures: 2 }],
    ['failed when the attempts are spent', job, times(3, failure), listed, { state: 'failed', failures: 3 }],
    ['done when its job is not listed any more', job, [failure], notListed, { state: 'done' }],
    [
      'failed when its machine was reclaimed with the job',
      job,
      [{ reason: 'spot-reclaimed', ran: true }],
      notListed,
      { state: 'failed' },
    ],
    [
      'failed when its machine was lost with the job',
      job,
      [{ reason: 'lost', ran: true }],
      notListed,
      { state: 'failed' },
    ],
    [
      'unclear when a machine that ran was lost',
      job,
      [{ reason: 'lost', ran: true }],
      unread,
      { state: 'unclear' },
    ],
    [
      'unclear when its launch id was spent before it was answered',
      job,
      [{ reason: 'launch-failed', errorCode: 'launch-spent' }],
      unread,
      { state: 'unclear' },
    ],
    [
      'open when its launch id was spent, and it is still listed',
      job,
      [{ reason: 'launch-failed', errorCode: 'launch-spent' }],
      listed,
      { state: 'open', attempt: 2, failures: 0 },
    ],
    ['unclear after an end without a word', job, [{ reason: 'unknown' }], unread, { state: 'unclear' }],
    [
      'open after an end without a word, while listed',
      job,
      [{ reason: 'unknown' }],
      listed,
      { state: 'open', failures: 1 },
    ],
    [
      'failed after such ends, while listed',
      job,
      times(3, { reason: 'unknown' }),
      listed,
      { state: 'failed' },
    ],
    [
      'open however often spot took it',
      job,
      times(9, { reason: 'spot-reclaimed' }),
      listed,
      { state: 'open', failures: 0 },
    ],
    [
      'refused while listed',
      job,
      [{ reason: 'not-needed' }],
      listed,
      { state: 'refused', attempt: 2, failures: 0 },
    ],
    [
      'refused however often',
      job,
      times(9, { reason: 'not-needed' }),
      listed,
      { state: 'refused', failures: 0 },
    ],
    ['done when refused and not listed', job, [{ reason: 'not-needed' }], notListed, { state: 'done' }],
    [
      'unclear when refused and nobody has looked',
      job,
      [{ reason: 'not-needed' }],
      unread,
      { state: 'unclear' },
    ],
    [
      'open without a failure when capacity was out',
      job,
      times(5, { reason: 'launch-failed', errorCode: 'capacity-unavailable' }),
      unread,
      { state: 'open', attempt: 6, failures: 0 },
    ],
    [
      'failed when launches fail',
      job,
      times(3, { reason: 'launch-failed', errorCode: 'unavailable' }),
      unread,
      { state: 'failed', failures: 3 },
    ],
    ['a slot: done when not needed', slot, [{ reason: 'not-needed' }], unread, { state: 'done' }],
    ['a slot: done after idling', slot, [{ reason: 'idle', ran: true }], unread, { state: 'done' }],
    ['a slot: done when nobody can say', slot, [{ reason: 'unknown' }], unread, { state: 'done' }],
    ['a slot: done when it ran', slot, [{ reason: 'spot-reclaimed', ran: true }], unread, { state: 'done' }],
    [
      'a slot: open when it never ran',
      slot,
      [{ reason: 'spot-reclaimed' }],
      unread,
      { state: 'open', attempt: 2 },
    ],
  ])('%s', (_, want, ends, queues, expected) => {
    expect(stateOf(want, ends, queues)).toMatchObject(expected)
  })

  it('is served while a machine is there, whatever went before', () => {
    const live = viewOf()
    const picture = pictureOf([...gone(job, times(5, failure)), live])
    expect(wantStates([job], picture, () => 3)).toMatchObject([{ state: { state: 'served', view: live } }])
  })

  it('does not take a long queue’s list for all of it', () => {
    const long = queueOf([2, 3], 600)
    expect(stateOf(job, [{ reason: 'not-needed' }], long).state).toBe('unclear')
    expect(stateOf(job, [{ reason: 'not-needed' }], queueOf([1, 2], 600)).state).toBe('refused')
  })

  it.each<[string, readonly End[]]>([
    ['was cancelled', [{ reason: 'cancelled' }]],
    ['was ended by a person', [{ reason: 'requested' }]],
    ['has failed', times(3, failure)],
  ])('asks anew for a job that %s before it was asked for', (_, ends) => {
    const later = { ...job, since: t0 + 2 }
    expect(stateOf(later, ends, listed)).toMatchObject({
      state: 'open',
      attempt: ends.length + 1,
      failures: 0,
    })
    expect(stateOf({ ...job, since: t0 }, ends, listed).state).toMatch(/done|failed/)
  })

  it('counts attempts by their highest number, in whatever order they are known', () => {
    const views = gone(job, [failure, failure]).toReversed()
    const [one] = wantStates([job], pictureOf(views), () => 3)
    expect(one?.state).toMatchObject({ state: 'open', attempt: 3 })
  })
})

describe('attemptsMaxOf', () => {
  it('is that of the most patient pool', () => {
    const policy = policyOf({
      only: [poolPolicy({ attemptsMax: 2 }), poolPolicy({ name: 'q', attemptsMax: 5 })],
    })
    expect(attemptsMaxOf(policy)(job)).toBe(5)
    expect(attemptsMaxOf(policy)({ ...job, agentType: 's1-none' })).toBe(1)
  })
})

describe('reasons', () => {
  it('are read as they are, and as unknown when they are not ours', () => {
    expect(endReasons.map(asEndReason)).toEqual(endReasons)
    expect(asEndReason('out of luck')).toBe('unknown')
  })

  it.each<[EndReason, string]>([
    ['job-finished', 'done'],
    ['idle', 'done'],
    ['requested', 'done'],
    ['cancelled', 'done'],
    ['agent-failed', 'failed'],
    ['boot-timeout', 'failed'],
    ['agent-timeout', 'failed'],
    ['expired', 'failed'],
    ['lost', 'failed'],
    ['launch-failed', 'failed'],
    ['not-needed', 'unclear'],
    ['spot-reclaimed', 'unclear'],
    ['interrupted', 'unclear'],
    ['unable-to-sync', 'unclear'],
    ['unknown', 'unclear'],
  ])('%s is %s', (reason, verdict) => expect(verdictOf(reason)).toBe(verdict))

  it('count for the breaker when there never was a working agent', () => {
    expect(endReasons.filter(isBootFailure)).toEqual(['agent-failed', 'boot-timeout', 'agent-timeout'])
  })
})

describe('outcome', () => {
  it.each<[string, WantState, string | undefined]>([
    ['done', { state: 'done', unit: unitRecord({ reason: 'lost' }) }, undefined],
    ['served', { state: 'served', view: viewOf() }, undefined],
    [
      'a boot failure',
      { state: 'failed', unit: unitRecord({ reason: 'boot-timeout' }), failures: 3 },
      'boot-failed',
    ],
    [
      'a silent failure',
      { state: 'failed', unit: unitRecord({ reason: 'unknown' }), failures: 3 },
      'boot-failed',
    ],
    [
      'no agent',
      { state: 'failed', unit: unitRecord({ reason: 'agent-timeout' }), failures: 3 },
      'agent-timeout',
    ],
    ['unclear', { state: 'unclear', unit: unitRecord({ reason: 'unknown' }) }, 'unavailable'],
    ['refused', { state: 'refused', attempt: 2, failures: 0, last: unitRecord() }, 'quota-exceeded'],
    ['never tried', { state: 'open', attempt: 1, failures: 0 }, 'capacity-unavailable'],
    [
      'tried in vain',
      {
        state: 'open',
        attempt: 2,
        failures: 0,
        last: unitRecord({ reason: 'launch-failed', errorCode: 'quota-exceeded' }),
      },
      'quota-exceeded',
    ],
  ])('of %s', (_, state, code) => expect(codeOfWant(state)).toBe(code))

  it('of a unit is what the launch said, before what the machine said', () => {
    expect(codeOfUnit(unitRecord({ reason: 'launch-failed', errorCode: 'launch-spent' }))).toBe(
      'launch-spent',
    )
    expect(codeOfUnit(unitRecord({ reason: 'unable-to-sync' }))).toBe('unavailable')
    expect(codeOfUnit(unitRecord())).toBe('unavailable')
  })
})
