import { expect, it } from 'vitest'
import type { Top } from '../../../src/operations/top.ts'
import { topLines } from '../../../src/views/top.ts'

const now = Date.UTC(2026, 10, 26, 12, 0, 0)
const quiet: Top = {
  ...{ owner: 'acme', now, hosts: null, commands: [], machines: 0 },
  ...{ pools: [], types: [], waits: [] },
}

it('says that nothing goes on where nothing does', () => {
  expect(topLines(quiet)).toEqual([
    'acme: 12:00:00Z, no command runs on this host, 0 machines, 0 jobs waiting',
  ])
})

it('shows everything at a glance', () => {
  const host = { version: '1.0.0', startedAt: now - 600_000, isDraining: false, aheadMs: 0 }
  const top: Top = {
    ...quiet,
    machines: 3,
    hosts: [
      {
        ...host,
        host: 'ci-1',
        seenAt: now,
        isAlive: true,
        works: [{ name: 'l', subjects: [] }],
        machines: 3,
      },
      { ...host, host: 'ci-2', seenAt: now - 60_000, isAlive: false, works: [], machines: 0 },
    ],
    pools: [
      { pool: 'l', max: 5, hosts: ['ci-1'], machines: 3, phases: { booting: 1, online: 2 } },
      {
        ...{ pool: 'w', max: 2, hosts: [], machines: 0, phases: {} },
        breaker: { failures: 5, openUntil: now + 180_000, cause: 'cloud-init: 503' },
      },
      { pool: '', hosts: [], machines: 1, phases: { terminating: 1 } },
    ],
    types: [{ agentType: 's1-l', queued: 4, running: 2, at: now - 1_000, isHubLimited: true }],
    waits: [{ agentType: 's1-l', code: 'pool-full', why: 'l: full', jobs: 3, since: now - 240_000 }],
  }
  expect(topLines(top)).toEqual([
    'acme: 12:00:00Z, 1 host alive, 3 machines, 3 jobs waiting',
    '',
    'HOST  STATE   VERSION  UP      LAST BEAT  CLOCK  MACHINES  WORKS',
    'ci-1  alive   1.0.0    10 min  0.0 s ago  right  3         l',
    'ci-2  silent  1.0.0    10 min  60 s ago   right  0',
    '',
    'POOL    HOST    MACHINES  PHASES               BREAKER',
    'l       ci-1    3 of 5    1 booting, 2 online  closed',
    'w       nobody  0 of 2                         open, for 3 min more: cloud-init: 503',
    '(none)  nobody  1         1 terminating        closed',
    '',
    'AGENT TYPE  QUEUED  RUNNING  SINCE  HUB',
    's1-l        4       2        1.0 s  lists jobs that it does not grant',
    '',
    'WAITING  AGENT TYPE  LONGEST  WHY',
    '3        s1-l        4 min    l: full',
  ])
})

it('shows the reasons that most jobs wait for', () => {
  const waits = Array.from({ length: 12 }, (_, at) => ({
    ...{ agentType: 's1-l', code: 'away' as const, why: `reason ${at}`, jobs: 2, since: now },
  }))
  const lines = topLines({ ...quiet, commands: ['capacity'], waits })
  expect(lines[0]).toBe('acme: 12:00:00Z, here run: capacity, 0 machines, 24 jobs waiting')
  expect(lines.filter(line => line.includes('reason '))).toHaveLength(10)
  expect(lines.at(-1)).toBe('… and 2 more reasons')
})
