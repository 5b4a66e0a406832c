import { describe, expect, it } from 'vitest'
import { acquaint, isAcquainted, isForgetful } from '../../../src/fleet/acquaintance.ts'
import { lateEffectMs } from '../../../src/fleet/policy.ts'
import type { Acquaintance } from '../../../src/fleet/records.ts'
import { capabilities, instanceOf, lookOf, memoryOf, settleMs, t0 } from './build.ts'

const here = 'sim/acc/here'

function meet(
  resources: Parameters<typeof lookOf>[0],
  at: number,
  before: readonly Acquaintance[] = [],
  listing: 'strong' | 'eventual' = 'eventual',
) {
  const memory = memoryOf({ acquaintances: before })
  return acquaint({ looks: [lookOf(resources, at)] }, memory, () => ({ ...capabilities, listing }))
}

const after = (acquaintances: readonly Acquaintance[]) => memoryOf({ acquaintances })

describe('a scope that the journal does not know', () => {
  it('is known after two complete lists that are far enough apart, where lists lag', () => {
    const first = meet([], t0)
    expect(isAcquainted(after(first), here)).toBe(false)
    expect(meet([], t0 + settleMs - 1, first)).toEqual([])
    const second = meet([], t0 + settleMs, first)
    expect(isAcquainted(after(second), here)).toBe(true)
  })

  it('is known at once where lists do not lag, and never by a list that failed', () => {
    expect(isAcquainted(after(meet([], t0, [], 'strong')), here)).toBe(true)
    expect(meet('failed', t0, [], 'strong')).toEqual([])
  })

  it('that had machines takes no batches until nothing of before can take effect', () => {
    const first = meet([], t0)
    const seen = meet([instanceOf()], t0 + 1, first)
    const known = meet([], t0 + settleMs, seen)
    expect(isForgetful(after(known), here, t0 + settleMs + lateEffectMs)).toBe(true)
    expect(isForgetful(after(known), here, t0 + settleMs + lateEffectMs + 1)).toBe(false)
    const empty = meet([], t0 + settleMs, first)
    expect(isForgetful(after(empty), here, t0 + settleMs)).toBe(false)
  })

  it('stays known', () => {
    const known = meet([], t0, [], 'strong')
    expect(meet([instanceOf()], t0 + 5, known, 'strong')).toEqual([])
  })
})
