import type { Orphan } from '../fleet/orphans.ts'
import type { Context } from './context.ts'
import { type Broom, sweepOnce } from './sweep.ts'

/** Kinds besides instances are listed so often. Unit: milliseconds. */
const everyMs = 5 * 60_000
/** What runs is ended when a second look says the same. Unit: milliseconds. */
const lookAgainMs = 500
/** More at once is a person's decision: `reap`. */
const restraint = { max: 100, freezeShare: 0.5 } as const

export interface Swept {
  readonly ended: readonly Orphan[]
  readonly frozen?: string
}

/** What `reap` does, from time to time, so that a schedule of `capacity run` is all that an installation needs. */
export async function sweepIfDue(
  context: Context,
  broom: Broom,
  lockWaitMs: number,
): Promise<Swept | undefined> {
  const { journal, clock, lock, signal } = broom.engine
  const due = (journal.sweptAt() ?? 0) + everyMs
  if (clock.now() < due) return undefined
  return lock.during(
    async () => {
      journal.saveSweptAt(clock.now())
      const first = await sweepOnce(context, broom, {
        ...restraint,
        ...{ dryRun: false, seenBefore: new Map(), ended: new Map() },
      })
      if (first.unconfirmed.length === 0) return sweptBy(first)
      await clock.sleep(lookAgainMs, signal)
      const ended = new Map(first.asked.map(id => [id, clock.now()]))
      const rules = { ...restraint, dryRun: false, seenBefore: first.seenAt, ended }
      const second = await sweepOnce(context, broom, rules)
      return sweptBy({ ...second, end: [...first.end, ...second.end] })
    },
    { waitMs: lockWaitMs, signal },
  )
}

function sweptBy({ end, frozen }: { readonly end: readonly Orphan[]; readonly frozen?: string }): Swept {
  const byId = new Map(end.map(one => [one.ref.id, one]))
  return { ended: [...byId.values()], ...(frozen !== undefined && { frozen }) }
}
