import type { HostSeen } from '@agentctl/contract'
import { expect, it } from 'vitest'
import { freeLines, hostTable } from '../../../src/views/hosts.ts'

const now = 1_800_000_000_000
const seen: HostSeen = {
  host: 'ci-1',
  version: '1.0.0',
  startedAt: now - 3 * 3_600_000,
  seenAt: now - 400,
  isAlive: true,
  isDraining: false,
  works: [],
  machines: 0,
  aheadMs: 12.5,
}

it('hosts have a line each', () => {
  const hosts = [
    {
      ...seen,
      works: ['windows', 'linux-gcp+linux-spot'].map(name => ({ name, subjects: [] })),
      machines: 31,
    },
    { ...seen, host: 'ci-2', isDraining: true, aheadMs: 42_000 },
    { ...seen, host: 'ci-3', isAlive: false, isDraining: true, seenAt: now - 600_000, aheadMs: -900 },
    { ...seen, host: 'ci-4', isAlive: false, seenAt: now - 600_000, stoppedAt: now - 600_000 },
  ]
  expect(hostTable(hosts, now)).toEqual([
    'HOST  STATE     VERSION  UP     LAST BEAT   CLOCK        MACHINES  WORKS',
    'ci-1  alive     1.0.0    3.0 h  0.4 s ago   right        31        linux-gcp+linux-spot, windows',
    'ci-2  draining  1.0.0    3.0 h  0.4 s ago   42 s behind  0',
    'ci-3  silent    1.0.0    3.0 h  10 min ago  0.9 s ahead  0',
    'ci-4  ended     1.0.0    3.0 h  10 min ago  right        0',
  ])
  expect(freeLines([])).toEqual([])
  expect(freeLines(['linux', '*'])).toEqual(["In no host's hands: linux, *"])
  expect(hostTable([], now)).toEqual(['No hosts: agentctl capacity serve runs nowhere.'])
})
