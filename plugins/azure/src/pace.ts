import { type CallClass, type Clock, contractError } from '@agentctl/contract'

/**
 * ARM tells with each answer how many calls are left in the principal's bucket.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling, read
 * 2026-11-23.
 */
const kinds = ['reads', 'writes', 'deletes'] as const
type Kind = (typeof kinds)[number]

/** Calls that are left to others of the same principal, and so that a bucket never runs dry. */
const reserve = 5
/** How fast each bucket fills again, by the same page. Unit: calls a second. */
const refill: Readonly<Record<Kind, number>> = { reads: 25, writes: 10, deletes: 10 }
const kindOf: Readonly<Record<CallClass, Kind>> = {
  launch: 'writes',
  mark: 'writes',
  terminate: 'deletes',
  read: 'reads',
}

/** What the answers say of the calls that are left. */
export interface Pace {
  note(header: (name: string) => string | undefined): void
  /** @throws `rate-limited` where the last answer said that next to nothing is left; nothing is sent then */
  assertRoom(callClass: CallClass): void
}

export function createPace(clock: Clock): Pace {
  const freeAt = new Map<Kind, number>()
  return {
    note(header) {
      for (const kind of kinds) {
        const left = remaining(header, kind)
        if (left === undefined) continue
        if (left > reserve) freeAt.delete(kind)
        else freeAt.set(kind, clock.now() + ((reserve + 1 - left) / refill[kind]) * 1000)
      }
    },
    assertRoom(callClass) {
      const kind = kindOf[callClass]
      const waitMs = (freeAt.get(kind) ?? 0) - clock.now()
      if (waitMs <= 0) return
      const message = `Azure has next to no ${kind} left for this principal`
      throw contractError('rate-limited', message, { retryAfterMs: Math.ceil(waitMs) })
    },
  }
}

function remaining(header: (name: string) => string | undefined, kind: Kind): number | undefined {
  const said = ['subscription', 'subscription-global'].flatMap(
    scope => header(`x-ms-ratelimit-remaining-${scope}-${kind}`) ?? [],
  )
  const counts = said.map(Number).filter(Number.isFinite)
  return counts.length === 0 ? undefined : Math.min(...counts)
}
