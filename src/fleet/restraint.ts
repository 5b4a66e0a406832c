import type { Orphan } from './orphans.ts'

/** How much one sweep may end. */
export interface Restraint {
  /** Resources ended in one run. */
  readonly max: number
  /** Above this share of the running instances nothing that runs is ended. From 0 to 1. */
  readonly freezeShare: number
}

export interface Restrained {
  readonly end: readonly Orphan[]
  /** Seen for the first time: ended when the next look shows the same. */
  readonly unconfirmed: readonly Orphan[]
  /** Left for another run. */
  readonly postponed: readonly Orphan[]
  /** Why nothing that runs is ended. */
  readonly frozen?: string
}

/** With fewer instances than this, all of them may have expired. */
const freezeFrom = 10

interface Look {
  readonly orphans: readonly Orphan[]
  /** Instances that run, orphans included. */
  readonly runningCount: number
  /** Ids that an earlier look of this run showed as orphans. */
  readonly seenBefore: ReadonlySet<string>
  /** Ids that were ended by this run: they spend of `max` once. */
  readonly ended: ReadonlySet<string>
}

/**
 * What a sweep ends of what it found. A clock that is hours ahead, or a hub that lists nobody, makes orphans of a whole
 * fleet at once: then what runs is left to its own timers, and a person decides.
 */
export function restrain({ orphans, runningCount, seenBefore, ended }: Look, rules: Restraint): Restrained {
  const running = orphans.filter(one => one.isRunning)
  const isFrozen = runningCount >= freezeFrom && running.length / runningCount > rules.freezeShare
  const allowed = isFrozen ? orphans.filter(one => !one.isRunning) : orphans
  const isConfirmed = (one: Orphan) => !one.isRunning || seenBefore.has(one.ref.id)
  const confirmed = allowed.filter(isConfirmed)
  const again = confirmed.filter(one => ended.has(one.ref.id))
  const fresh = confirmed.filter(one => !ended.has(one.ref.id))
  const room = Math.max(0, rules.max - ended.size)
  return {
    end: [...again, ...fresh.slice(0, room)],
    unconfirmed: allowed.filter(one => !isConfirmed(one)).slice(0, Math.max(0, room - fresh.length)),
    postponed: [...fresh.slice(room), ...(isFrozen ? running : [])],
    ...(isFrozen && {
      frozen: `${running.length} of ${runningCount} running instances would be ended at once, which is more than ${Math.round(rules.freezeShare * 100)} %`,
    }),
  }
}
