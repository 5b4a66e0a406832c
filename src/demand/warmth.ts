import type { Queue, UnitView } from '../fleet/picture.ts'
import { cannotHaveRegistered } from '../fleet/plan-endings.ts'
import { readyIn } from './ready.ts'
import type { More } from './slots.ts'

export interface PoolTargets {
  readonly name: string
  readonly max: number
  /** Ready or busy at least. */
  readonly min: number
  /** Ready at least, besides those for jobs that wait. */
  readonly idle: number
  /** Ready for each busy one. */
  readonly scaleFactor: number
}

interface Warmth {
  readonly more: readonly More[]
  readonly excess: readonly UnitView[]
}

interface Share extends PoolTargets {
  readonly aliveCount: number
  /** Those of them that are not on their way down. */
  readonly upCount: number
  readonly ready: readonly UnitView[]
  /** Ready ones that are left when each job that waits has got one. */
  readonly spareCount: number
  readonly idleTarget: number
}

/** For machines that take any job: how many more are needed, for jobs that wait and for those to come, and which are too many. */
export function warmth(pools: readonly PoolTargets[], queue: Queue, alive: readonly UnitView[]): Warmth {
  const { up, busy, ready } = readyIn(alive, queue)
  const waiting = queue.queuedCount
  const missing = Math.max(0, waiting - ready.length)
  let unserved = Math.min(waiting, ready.length)
  const shares = pools.map((pool): Share => {
    const inPool = (views: readonly UnitView[]) => views.filter(view => view.launch.pool === pool.name)
    const own = inPool(ready)
    const forJobs = Math.min(unserved, own.length)
    unserved -= forJobs
    return {
      ...pool,
      aliveCount: inPool(alive).length,
      upCount: inPool(up).length,
      ready: own,
      spareCount: own.length - forJobs,
      idleTarget: Math.max(pool.idle, Math.ceil(pool.scaleFactor * inPool(busy).length)),
    }
  })
  const forJobs = `${waiting} ${waiting === 1 ? 'job waits' : 'jobs wait'}, and ${ready.length} machines are ready or on their way`
  let left = missing
  const kept = shares.flatMap(share => {
    // Those for jobs fill the pools in their order, and count for the least that a pool has.
    const coming = Math.min(left, Math.max(0, share.max - share.aliveCount))
    left -= coming
    return keeping(share, coming)
  })
  return {
    more: [...(missing > 0 ? [{ count: missing, purpose: forJobs }] : []), ...kept],
    excess: shares.flatMap(excessOf),
  }
}

function keeping(share: Share, coming: number): readonly More[] {
  const { name, min, upCount, idleTarget, spareCount } = share
  const forIdle = Math.max(0, idleTarget - spareCount)
  const forMin = Math.max(0, min - upCount - coming - forIdle)
  return [
    { count: forIdle, pool: name, purpose: `${name} keeps ${idleTarget} ready, and has ${spareCount}` },
    { count: forMin, pool: name, purpose: `${name} keeps at least ${min}, and has ${upCount}` },
  ].filter(({ count }) => count > 0)
}

/** The newest first; one that may have an agent already is left to the hub, which knows when it has been idle for long enough. */
function excessOf({ ready, spareCount, idleTarget, upCount, min }: Share): readonly UnitView[] {
  const count = Math.min(spareCount - idleTarget, upCount - min)
  if (count <= 0) return []
  return ready
    .filter(cannotHaveRegistered)
    .toSorted((one, other) => (other.unit.entered.requested ?? 0) - (one.unit.entered.requested ?? 0))
    .slice(0, count)
}
