import { describe, expect, it } from 'vitest'
import type { Orphan } from '../../../src/fleet/orphans.ts'
import { type Restraint, restrain } from '../../../src/fleet/restraint.ts'
import { scope } from './build.ts'

function orphans(running: number, stopped = 0): readonly Orphan[] {
  return Array.from({ length: running + stopped }, (_, at) => ({
    provider: 'sim',
    ref: { kind: 'instance' as const, id: `i-${at}`, scope },
    isRunning: at < running,
    reason: 'expired' as const,
    why: '',
  }))
}

const loose: Restraint = { max: 1000, freezeShare: 0.5 }

function swept(
  found: readonly Orphan[],
  { runningCount = 100, seen = found, ended = [] as readonly string[], rules = loose } = {},
) {
  const seenBefore = new Set(seen.map(one => one.ref.id))
  return restrain({ orphans: found, runningCount, seenBefore, ended: new Set(ended) }, rules)
}

describe('a sweep', () => {
  it('ends at once what stopped, and what runs when a second look says the same', () => {
    const found = orphans(2, 3)
    expect(swept(found, { seen: [] })).toMatchObject({ end: { length: 3 }, unconfirmed: { length: 2 } })
    expect(swept(found)).toMatchObject({ end: { length: 5 }, unconfirmed: [] })
  })

  it('freezes when it would end more than a share of what runs', () => {
    expect(swept(orphans(5), { runningCount: 10 }).frozen).toBeUndefined()
    const frozen = swept(orphans(6, 2), { runningCount: 10 })
    expect(frozen).toMatchObject({ end: { length: 2 }, unconfirmed: [], postponed: { length: 6 } })
    expect(frozen.frozen).toBe('6 of 10 running instances would be ended at once, which is more than 50 %')
  })

  it('does not freeze over a few, nor when a person says so', () => {
    expect(swept(orphans(9), { runningCount: 9 }).end).toHaveLength(9)
    const rules = { ...loose, freezeShare: 1 }
    expect(swept(orphans(30), { runningCount: 30, rules }).end).toHaveLength(30)
  })

  it('ends no more than its cap in one run, repeats of what it ended aside', () => {
    const rules = { ...loose, max: 3 }
    expect(swept(orphans(0, 5), { rules })).toMatchObject({ end: { length: 3 }, postponed: { length: 2 } })
    const again = swept(orphans(0, 5), { rules, ended: ['i-0', 'i-1', 'i-2'] })
    expect(again.end.map(one => one.ref.id)).toEqual(['i-0', 'i-1', 'i-2'])
    expect(again.postponed).toHaveLength(2)
  })
})
