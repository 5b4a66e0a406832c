import { expect, it } from 'vitest'
import type { JobRecord, LaunchRecord, UnitRecord } from '../../../src/fleet/records.ts'
import { presentOf } from '../../../src/history/present.ts'

const now = 1_800_000_000_000
const launch = (launchId: string, state: LaunchRecord['state'] = 'accepted') =>
  ({ launchId, pool: 'linux', state }) as LaunchRecord
const unit = (launchId: string, phase: UnitRecord['phase'], instanceId?: string) =>
  ({ launchId, phase, index: 0, ...(instanceId && { instanceId }) }) as UnitRecord
const job = (jobId: string, change: Partial<JobRecord> = {}): JobRecord => ({
  ...{ jobId, agentType: 's1-x', queuedAt: now - 60_000 },
  waits: [{ code: 'pool-full', why: 'full', since: now - 1_000 }],
  ...change,
})
const nothing = {
  ...{ units: [], launches: [], jobs: [], queues: [], breakers: [], hubLimits: [] },
  ...{ pools: new Map([['linux', 4]]), now },
}

it('counts what may be alive, by pool and phase', () => {
  const { machines, pools } = presentOf({
    ...nothing,
    launches: [launch('a'), launch('b', 'settled'), launch('c', 'settled')],
    units: [
      unit('a', 'online', 'i-1'),
      unit('a', 'gone', 'i-2'),
      unit('b', 'requested'),
      unit('c', 'terminating', 'i-3'),
      unit('unheard-of', 'booting', 'i-4'),
    ],
  })
  expect(machines).toBe(3)
  expect(pools).toEqual([
    { pool: 'linux', max: 4, machines: 2, phases: { online: 1, terminating: 1 } },
    { pool: '', machines: 1, phases: { booting: 1 } },
  ])
})

it('groups jobs by what they wait for now, the longest of each first seen', () => {
  const { waits } = presentOf({
    ...nothing,
    jobs: [
      job('1', { waits: [{ code: 'quota', why: 'quota', since: now - 9_000 }] }),
      job('2'),
      job('3', { waits: [{ code: 'pool-full', why: 'full', since: now - 5_000 }] }),
      job('over', { waits: [{ code: 'quota', why: 'quota', since: now, until: now }] }),
      job('left', { leftAt: now }),
      job('new', { waits: [] }),
    ],
  })
  expect(waits).toEqual([
    { agentType: 's1-x', code: 'pool-full', why: 'full', jobs: 2, since: now - 5_000 },
    { agentType: 's1-x', code: 'quota', why: 'quota', jobs: 1, since: now - 9_000 },
  ])
})

it.each([
  ['some failures are none yet', { failures: 4, openUntil: 0 }, false],
  ['it is open', { failures: 5, openUntil: now + 1 }, true],
  ['one launch tries', { failures: 5, openUntil: 0 }, true],
  ['it waits for a while', { failures: 0, openUntil: now + 1 }, true],
])('shows a breaker where it stops launches: %s', (_, breaker, isShown) => {
  const { pools } = presentOf({ ...nothing, breakers: [{ pool: 'linux', cause: 'c', ...breaker }] })
  expect(pools[0]?.breaker !== undefined).toBe(isShown)
})
