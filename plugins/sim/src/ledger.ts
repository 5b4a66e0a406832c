import type { Operation } from './knobs.ts'

/** One accepted launch. */
export interface LaunchEntry {
  readonly at: number
  readonly by: string
  readonly launchId: string
  readonly offeringId: string
  readonly ids: readonly string[]
}

/** The time that one instance cost money. */
export interface LifeEntry {
  readonly id: string
  readonly owner: string
  readonly launchId: string
  /** The unit's Semaphore job, where it has one. */
  readonly jobId?: string
  readonly unitName?: string
  readonly from: number
  /** A failed launch left it: it costs, and never ran. */
  readonly isBroken?: true
  /** Its delete was accepted and is never done: the cloud's own affair. */
  isKept?: true
  /** When it had powered off, where that leaves something. */
  restedAt?: number
  /** When a delete was accepted first. */
  endAskedAt?: number
  /** Left out while it lives. */
  to?: number
  /** By the cloud's clock, as tagged last. */
  expiresAt: number
}

/** A call about something that is not the caller's. */
export interface ForeignEntry {
  readonly at: number
  readonly by: string
  readonly operation: Operation
  readonly id: string
}

/** What really happened, kept apart from what the cloud shows, for checkers. Times by the cloud's clock. */
export interface Ledger {
  readonly launches: LaunchEntry[]
  readonly lives: Map<string, LifeEntry>
  readonly foreign: ForeignEntry[]
  /** Ids of what was made without an owner. */
  readonly ownerless: string[]
  /** Requests that reached the cloud, throttled ones included. */
  readonly calls: Map<Operation, number>
  /** What went wrong, by name: `launch answer-lost` for a call, `reclaim` for a machine. */
  readonly faults: Map<string, number>
}

export function countFault({ faults }: Ledger, name: string): void {
  faults.set(name, (faults.get(name) ?? 0) + 1)
}

export function createLedger(): Ledger {
  return { launches: [], lives: new Map(), foreign: [], ownerless: [], calls: new Map(), faults: new Map() }
}

const MINUTE_MS = 60_000

/** Machine-minutes past expiry and the allowance, up to `now`. The budget is 0. */
export function minutesPastExpiry({ lives }: Ledger, now: number, allowanceMs = 0): number {
  let total = 0
  for (const { to = now, expiresAt } of lives.values()) total += Math.max(0, to - expiresAt - allowanceMs)
  return total / MINUTE_MS
}

export function machineMinutes({ lives }: Ledger, now: number): number {
  let total = 0
  for (const { from, to = now } of lives.values()) total += to - from
  return total / MINUTE_MS
}

/** Most instances of an owner that were alive at once. */
export function mostAlive({ lives }: Ledger, owner?: string): number {
  const edges = [...lives.values()]
    .filter(life => !life.isBroken && (owner === undefined || life.owner === owner))
    .flatMap(({ from, to = Number.POSITIVE_INFINITY }) => [
      { at: from, change: 1 },
      { at: to, change: -1 },
    ])
    .sort((one, two) => one.at - two.at || one.change - two.change)
  let alive = 0
  return edges.reduce((most, { change }) => {
    alive += change
    return Math.max(most, alive)
  }, 0)
}

/** Jobs that had two instances at the same time, each with the ids. */
export function doubledJobs({ lives }: Ledger): ReadonlyMap<string, readonly string[]> {
  const doubled = new Map<string, readonly string[]>()
  const jobs = Map.groupBy(
    [...lives.values()].filter(({ jobId, isBroken }) => jobId !== undefined && !isBroken),
    ({ jobId }) => jobId ?? '',
  )
  for (const [jobId, of] of jobs) {
    const inOrder = of.toSorted((one, two) => one.from - two.from)
    let busyUntil = Number.NEGATIVE_INFINITY
    let isDoubled = false
    for (const { from, to = Number.POSITIVE_INFINITY } of inOrder) {
      isDoubled ||= from < busyUntil
      busyUntil = Math.max(busyUntil, to)
    }
    if (isDoubled)
      doubled.set(
        jobId,
        inOrder.map(({ id }) => id),
      )
  }
  return doubled
}
