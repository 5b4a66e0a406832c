import type { UnitFacts } from './observe.ts'
import { lateEffectMs } from './policy.ts'
import type { UnitRecord } from './records.ts'

/** From then on a complete list shows it, where it is there. */
function shownFrom({ launch, capabilities }: UnitFacts): number {
  const madeBy = launch.acceptedAt ?? (launch.doubtedAt ?? launch.intendedAt) + lateEffectMs
  return madeBy + (capabilities?.settleMs ?? 0)
}

/** Start of the absence: the first complete list that should have shown it and did not. */
export function absence({ absentSince = 0 }: UnitRecord, facts: UnitFacts): number | undefined {
  const { instance, look } = facts
  if (instance) return undefined
  const from = shownFrom(facts)
  // Another call may have been made since the absence began.
  const before = absentSince >= from ? absentSince : undefined
  if (look?.resources.state !== 'known' || look.askedAt < from) return before
  return before ?? look.askedAt
}

/** Absence from one list is never proof: it takes a second one, `settleMs` later. */
export function isProvenAbsent(absentSince: number | undefined, { look, capabilities }: UnitFacts): boolean {
  if (absentSince === undefined || look?.resources.state !== 'known') return false
  return look.askedAt > absentSince && look.askedAt - absentSince >= (capabilities?.settleMs ?? 0)
}
