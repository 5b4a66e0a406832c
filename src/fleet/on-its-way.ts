import type { Picture } from './picture.ts'
import { lateEffectMs, type Policy } from './policy.ts'
import type { LaunchRecord } from './records.ts'

/**
 * Whether a call of this launch may still arrive: one whose end nobody wrote down, since whoever sent it is no more, or
 * is suspended, or waits for the answer on another host.
 */
export function isOnItsWay({ doubtedAt, nextTryAt = 0 }: LaunchRecord, now: number, settleMs = 0): boolean {
  if (doubtedAt === undefined || nextTryAt > doubtedAt) return false
  return now - doubtedAt <= lateEffectMs + settleMs
}

/** Wants of earlier launches whose key is free again once their machine has ended: a call that is late makes another. */
export function awaitedWants(
  { units }: Pick<Picture, 'units'>,
  { pools }: Pick<Policy, 'pools'>,
  now: number,
): ReadonlySet<string> {
  const isFreeAgain = (pool: string) => pools.get(pool)?.capabilities.idempotency !== 'token'
  const late = units.filter(({ launch }) => isFreeAgain(launch.pool) && isOnItsWay(launch, now))
  return new Set(late.map(({ unit }) => unit.want))
}
