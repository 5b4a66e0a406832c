import type { Instance } from '@agentctl/contract'
import type { Context } from './context.ts'
import { isSpot } from './observe.ts'

/** For how long one is shown that is gone. Unit: milliseconds. */
const shownForMs = 600_000
/** No delete takes longer. Unit: milliseconds. */
const askedForMs = 3_600_000

/**
 * The same machines, with the spot machines that are gone since the last look of this process. Azure deletes what it
 * takes back and leaves no word: one that ran, is missing now, and was not ended by us, is taken for taken back.
 */
export function withReclaimed(
  context: Pick<Context, 'spotSeen' | 'reclaimed' | 'deletes' | 'clock'>,
  region: string,
  seen: readonly Instance[],
): readonly Instance[] {
  const { spotSeen, reclaimed, deletes, clock } = context
  for (const [id, askedAt] of deletes) if (clock.now() - askedAt > askedForMs) deletes.delete(id)
  const ids = new Set(seen.map(({ id }) => id))
  for (const [id, instance] of spotSeen) {
    if (instance.scope.region !== region || ids.has(id)) continue
    spotSeen.delete(id)
    if (deletes.delete(id)) continue
    const fault = 'The spot machine is gone without a word: Azure has most likely taken it back.'
    const taken = { ...instance, state: 'terminated' as const, isReclaimed: true, fault }
    reclaimed.set(id, { instance: taken, untilMs: clock.now() + shownForMs })
  }
  for (const one of seen) if (isSpot(one) && one.state === 'running') spotSeen.set(one.id, one)
  for (const [id, { untilMs }] of reclaimed) if (untilMs < clock.now() || ids.has(id)) reclaimed.delete(id)
  const gone = [...reclaimed.values()].map(({ instance }) => instance)
  return [...seen, ...gone.filter(({ scope }) => scope.region === region)]
}
