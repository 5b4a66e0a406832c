import { describe, expect, it } from 'vitest'
import { overdue, type Timeouts } from '../../../src/fleet/deadlines.ts'
import { heldUntil, isHeld } from '../../../src/fleet/holds.ts'
import { orphanInstances } from '../../../src/fleet/orphans.ts'
import type { UnitView } from '../../../src/fleet/picture.ts'
import { planEndings } from '../../../src/fleet/plan-endings.ts'
import { breakerFailuresMax } from '../../../src/fleet/policy.ts'
import { unitKey } from '../../../src/fleet/records.ts'
import { roomsOf } from '../../../src/fleet/rooms.ts'
import { wantStates } from '../../../src/fleet/wants.ts'
import {
  instanceOf,
  jobWant,
  launchRecord,
  memoryOf,
  minute,
  ownership,
  pictureOf,
  policyOf,
  poolPolicy,
  queueOf,
  t0,
  timeouts,
  unitRecord,
  viewOf,
} from './build.ts'

const { bootMs, agentMs, totalMs } = timeouts
const holdMs = 30 * minute

const byItsGuest = (change = {}): UnitView =>
  viewOf({
    unit: unitRecord({
      phase: 'draining',
      reason: 'agent-failed',
      marks: { booted: t0, held: t0, 'hold-ends': t0 + holdMs },
      entered: { draining: t0 },
    }),
    ...change,
  })

const byAPerson = viewOf({
  agent: 'absent',
  instance: instanceOf({ ownership: ownership({ holdUntil: t0 + holdMs }) }),
})

function endings(view: UnitView, now: number) {
  const surplus = new Map([[unitKey(view.unit), 'nobody needs it']])
  const input = { picture: pictureOf([view]), memory: memoryOf(), policy: policyOf({ surplus }), now }
  return planEndings(input).map(one => one.reason)
}

function orphans(view: UnitView, now: number, known: Timeouts = timeouts) {
  const picture = pictureOf([view])
  const facts = { picture, sightings: [], settleMsOf: () => 0, timeoutsOf: () => known, now }
  return orphanInstances(facts).map(one => one.reason)
}

describe.each([
  ['by its guest', byItsGuest()],
  ['by a person', byAPerson],
])('a machine that is held %s', (_, view) => {
  it('is ended by no rule before that time, surplus and orphan rules included, and by them afterwards', () => {
    expect(isHeld(view, t0 + holdMs - 1)).toBe(true)
    expect(endings(view, t0 + holdMs - 1)).toEqual([])
    expect(orphans(view, t0 + holdMs - 1)).toEqual([])
    expect(isHeld(view, t0 + holdMs)).toBe(false)
    expect(endings(view, t0 + holdMs)).toHaveLength(1)
  })

  it('counts against its pool', () => {
    const picture = pictureOf([view])
    const policy = policyOf({ only: [poolPolicy({ max: 1 })] })
    expect(roomsOf({ picture, memory: memoryOf(), policy, now: t0 }).get('p')).toBe(0)
  })
})

it('an end that was asked for, or a guest that has powered off, is no hold any more', () => {
  const { unit } = byItsGuest()
  expect(endings({ ...byItsGuest(), unit: { ...unit, terminateAskedAt: t0 } }, t0 + minute)).toHaveLength(1)
  expect(endings(byItsGuest({ instance: instanceOf({ state: 'stopped' }) }), t0 + minute)).toHaveLength(1)
})

it('no hold is longer than what the machine was launched for', () => {
  const soon = ownership({ expiresAt: t0 + minute, holdUntil: t0 + 9 * totalMs })
  expect(heldUntil(byItsGuest({ instance: instanceOf({ ownership: soon }) }))).toBe(t0 + minute)
  expect(heldUntil(viewOf())).toBe(0)
})

it('does not keep a breaker that tries again from trying: it has failed already', () => {
  const breakers = [{ pool: 'p', failures: breakerFailuresMax, openUntil: t0 - 1, cause: 'boots' }]
  const room = (view: UnitView) =>
    roomsOf({ picture: pictureOf([view]), memory: memoryOf({ breakers }), policy: policyOf(), now: t0 }).get(
      'p',
    )
  expect(room(byItsGuest())).toBe(1)
  expect(room(viewOf())).toBe(0)
})

it('a machine that is held after its agent failed serves nobody: its job gets another one', () => {
  const states = wantStates([jobWant(1)], pictureOf([byItsGuest()], { queues: queueOf([1]) }), () => 3)
  expect(states[0]?.state).toMatchObject({ state: 'open', attempt: 2, failures: 1 })
})

describe('where nobody can read whether a guest holds its machine', () => {
  const inTheDark = viewOf({ agent: 'absent', launch: launchRecord({ holdMs }) })
  const late = t0 + bootMs + 1

  it('it is given the time to', () => {
    expect(overdue(inTheDark, timeouts, late + holdMs - 1)).toBeUndefined()
    expect(overdue(inTheDark, timeouts, late + holdMs)).toMatchObject({ reason: 'boot-timeout' })
    expect(orphans(inTheDark, late + agentMs + holdMs - 1)).toEqual([])
    expect(orphans(inTheDark, late + agentMs + holdMs)).toEqual(['agent-timeout'])
  })

  it('also one that another host launched, as the pool says', () => {
    const view = viewOf({ agent: 'absent' })
    expect(overdue(view, { ...timeouts, holdMs }, late)).toBeUndefined()
    expect(overdue(view, timeouts, late)).toMatchObject({ reason: 'boot-timeout' })
  })

  it('but not one whose console is read, and says nothing of it', () => {
    const unit = unitRecord({ marks: { booted: t0 } })
    expect(overdue({ ...inTheDark, unit }, timeouts, late)).toBeDefined()
  })
})
