import { isHeldAfterwards } from './holds.ts'
import { isAlive } from './picture.ts'
import type { PlanInput } from './plan.ts'
import { breakerFailuresMax, type PoolPolicy } from './policy.ts'
import type { Breaker } from './records.ts'

/** Machines that each pool may still get; all that may exist count, whoever launched them. */
export function roomsOf({ picture, policy, memory, now }: PlanInput): Map<string, number> {
  const alive = Map.groupBy(picture.units.filter(isAlive), view => view.launch.pool)
  return new Map(
    [...policy.pools.values()].map(pool => {
      const units = alive.get(pool.name) ?? []
      const breaker = memory.breakers.find(one => one.pool === pool.name)
      const isProbing = units.some(view => view.unit.entered.online === undefined && !isHeldAfterwards(view))
      return [pool.name, roomOf(pool, units.length, isProbing, breaker, now)]
    }),
  )
}

function roomOf(
  { max }: PoolPolicy,
  aliveCount: number,
  isProbing: boolean,
  breaker: Breaker | undefined,
  now: number,
): number {
  const room = max - aliveCount
  if (!breaker) return room
  if (breaker.openUntil > now) return 0
  if (breaker.failures < breakerFailuresMax) return room
  // Half open: one machine has to come online before the others follow.
  return isProbing ? 0 : Math.min(1, room)
}

/** Machines that this command may still launch, by its own limit and by that of all commands. */
export function freeOf({ picture, policy }: PlanInput): number {
  const alive = picture.units.filter(isAlive)
  const mine = alive.filter(view => policy.isMine(view.launch))
  return Math.min(policy.concurrency - mine.length, policy.maxAlive - alive.length)
}
