import { errorCodes } from '@agentctl/contract'
import { describe, expect, it } from 'vitest'
import { planResumptions } from '../../../src/fleet/plan-resumptions.ts'
import { lateEffectMs, launchTriesMax, type Policy } from '../../../src/fleet/policy.ts'
import { isSurelyRefused, isWorthRepeating, refusalOf } from '../../../src/fleet/reactions.ts'
import type { LaunchRecord } from '../../../src/fleet/records.ts'
import {
  capabilities,
  instanceOf,
  jobWant,
  launchRecord,
  memoryOf,
  minute,
  pictureOf,
  policyOf,
  poolPolicy,
  settleMs,
  t0,
  unitRecord,
  viewOf,
} from './build.ts'

const { acceptedAt: _, ...intended } = launchRecord({ state: 'intended', tries: 1 })

function plan(
  launch: LaunchRecord,
  { wanted = true, absent = false, seen = false, policy = {} as Partial<Policy>, now = t0 + minute } = {},
) {
  const view = viewOf({
    launch,
    unit: unitRecord({ phase: 'launching' }),
    instance: seen ? instanceOf() : undefined,
    isAbsent: absent,
  })
  return planResumptions({
    picture: pictureOf([view]),
    memory: memoryOf({ launches: [launch] }),
    policy: policyOf({ wants: wanted ? [jobWant(1)] : [], ...policy }),
    now,
  }).map(one => one.kind)
}

const failing = (
  code: NonNullable<LaunchRecord['lastError']>['code'],
  change: Partial<LaunchRecord> = {},
) => ({
  ...intended,
  lastError: { code, message: '' },
  ...change,
})
const doubt = { doubtedAt: t0 }
/** The call was answered, badly. */
const ended = { ...doubt, nextTryAt: t0 + 1 }
const { pools } = policyOf({
  only: [poolPolicy({ capabilities: { ...capabilities, idempotency: 'tag-lookup' } })],
})
const tagged = { pools }

describe('planResumptions', () => {
  it.each<[string, LaunchRecord, Parameters<typeof plan>[1], string[]]>([
    ['repeats what has no answer', { ...intended, ...doubt }, {}, ['resume']],
    [
      'waits where only a list that may lag knows the id',
      { ...intended, ...ended },
      { policy: tagged, now: t0 + settleMs },
      [],
    ],
    [
      'no longer than it lags',
      { ...intended, ...ended },
      { policy: tagged, now: t0 + settleMs + 1 },
      ['resume'],
    ],
    [
      'waits there for a call whose end nobody saw, too',
      { ...intended, ...doubt },
      { policy: tagged, now: t0 + lateEffectMs + settleMs },
      [],
    ],
    [
      'no longer than it may take',
      { ...intended, ...doubt },
      { policy: tagged, now: t0 + lateEffectMs + settleMs + 1 },
      ['resume'],
    ],
    [
      'and for one that was sent after another one had failed',
      { ...intended, ...doubt, ...failing('unavailable', { nextTryAt: t0 }) },
      { policy: tagged, now: t0 + settleMs + 1 },
      [],
    ],
    ['repeats what was never sent', { ...intended, tries: 0 }, {}, ['resume']],
    ['not before its time', failing('unavailable', { nextTryAt: t0 + minute + 1 }), {}, []],
    ['at its time', failing('unavailable', { nextTryAt: t0 + minute }), {}, ['resume']],
    ['gives up what would end on arrival', { ...intended, expiresAt: t0 + minute }, {}, ['settle']],
    ['not before', { ...intended, expiresAt: t0 + minute + 1 }, {}, ['resume']],
    ['waits for proof where that may be there', { ...intended, ...doubt, expiresAt: t0 }, {}, []],
    ['and gives it up then', { ...intended, ...doubt, expiresAt: t0 }, { absent: true }, ['settle']],
    ['leaves what is accepted', launchRecord(), {}, []],
    ['leaves what is settled', launchRecord({ state: 'settled' }), {}, []],
    ['leaves what is seen', { ...intended, ...doubt }, { seen: true }, []],
    ['leaves what a live run does', intended, { policy: { isMine: () => false } }, []],
    [
      'repeats in doubt, however often',
      failing('outcome-unknown', { ...doubt, tries: 99 }),
      { absent: true },
      ['resume'],
    ],
    ['repeats when told to wait, however often', failing('rate-limited', { tries: 99 }), {}, ['resume']],
    ['gives up when nothing ever works', failing('unavailable', { tries: launchTriesMax }), {}, ['settle']],
    ['not in doubt', failing('unavailable', { ...doubt, tries: 99 }), {}, ['resume']],
    [
      'settles what is not wanted, and never was sent',
      { ...intended, tries: 0 },
      { wanted: false },
      ['settle'],
    ],
    ['settles what is not wanted, and surely refused', failing('unavailable'), { wanted: false }, ['settle']],
    ['not while an earlier call is in doubt', failing('unavailable', doubt), { wanted: false }, []],
    [
      'when that is proved absent',
      failing('unavailable', doubt),
      { wanted: false, absent: true },
      ['settle'],
    ],
    ['drains likewise', failing('rate-limited'), { policy: { intent: 'drain' } }, ['settle']],
    ['waits where another request stands', failing('conflict', doubt), {}, []],
    ['and goes on when that is proved absent', failing('conflict', doubt), { absent: true }, ['settle']],
    ['waits out a doubt before it goes elsewhere', failing('capacity-unavailable', doubt), {}, []],
    ['and goes when that is over', failing('capacity-unavailable', doubt), { absent: true }, ['settle']],
  ])('%s', (_, launch, facts, kinds) => expect(plan(launch, facts)).toEqual(kinds))

  it('waits for all units of a launch', () => {
    const launch = { ...intended, ...doubt }
    const views = [true, false].map((isAbsent, index) =>
      viewOf({ launch, unit: unitRecord({ index, phase: 'launching' }), instance: undefined, isAbsent }),
    )
    const input = {
      picture: pictureOf(views),
      memory: memoryOf({ launches: [launch] }),
      policy: policyOf(),
      now: t0,
    }
    expect(planResumptions(input)).toEqual([])
  })
})

describe('reactions', () => {
  it.each([
    ['invalid-spec', 'stop'],
    ['unsupported', 'stop'],
    ['provider-not-installed', 'stop'],
    ['unauthenticated', 'stop'],
    ['permission-denied', 'stop'],
    ['quota-exceeded', 'pause'],
    ['capacity-unavailable', 'elsewhere'],
    ['rate-limited', 'repeat'],
    ['unavailable', 'repeat'],
    ['outcome-unknown', 'repeat'],
    ['launch-spent', 'next-attempt'],
    ['conflict', 'look'],
    ['boot-failed', 'next-attempt'],
    ['agent-timeout', 'next-attempt'],
    ['cleanup-incomplete', 'stop'],
    ['not-owned', 'stop'],
    ['internal', 'stop'],
    ['cancelled', 'repeat'],
  ] as const)('%s: %s', async (code, reaction) => {
    const { contractError } = await import('@agentctl/contract')
    expect(refusalOf(contractError(code, 'words', { retryAfterMs: 5 }))).toMatchObject({
      reaction,
      code,
      message: 'words',
      retryAfterMs: 5,
    })
  })

  it('to what is no contract error: the outcome is unknown', () => {
    expect(refusalOf(new TypeError('x'))).toMatchObject({
      reaction: 'repeat',
      code: 'outcome-unknown',
      error: undefined,
    })
    expect(refusalOf('x')).toMatchObject({ code: 'outcome-unknown' })
  })

  it('say which refusals leave a doubt', () => {
    expect(errorCodes.filter(code => !isSurelyRefused(code))).toEqual([
      'outcome-unknown',
      'conflict',
      'cancelled',
    ])
    expect(errorCodes.filter(isWorthRepeating)).toEqual([
      'rate-limited',
      'unavailable',
      'outcome-unknown',
      'cancelled',
    ])
  })
})
