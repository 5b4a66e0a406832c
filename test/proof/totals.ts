import type { Outcome } from './play.ts'

export interface Totals {
  readonly stories: number
  readonly launches: number
  readonly machines: number
  readonly faults: number
  readonly deaths: number
  readonly leakedMinutes: number
  readonly doubled: number
  readonly failed: readonly Pick<Outcome, 'seed' | 'violations'>[]
  readonly reached: ReadonlySet<string>
}

export const nothing: Totals = {
  stories: 0,
  launches: 0,
  machines: 0,
  faults: 0,
  deaths: 0,
  leakedMinutes: 0,
  doubled: 0,
  failed: [],
  reached: new Set(),
}

export function add(totals: Totals, outcome: Outcome): Totals {
  const { seed, violations } = outcome
  return {
    stories: totals.stories + 1,
    launches: totals.launches + outcome.launches,
    machines: totals.machines + outcome.machines,
    faults: totals.faults + outcome.faults,
    deaths: totals.deaths + outcome.deaths,
    leakedMinutes: totals.leakedMinutes + outcome.leakedMinutes,
    doubled: totals.doubled + outcome.doubled,
    failed: violations.length > 0 ? [...totals.failed, { seed, violations }] : totals.failed,
    reached: new Set([...totals.reached, ...outcome.reached]),
  }
}
