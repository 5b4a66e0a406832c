import type { Resume, Settle } from './actions.ts'
import { isOnItsWay } from './on-its-way.ts'
import type { PlanInput } from './plan.ts'
import { launchTriesMax, type Policy } from './policy.ts'
import { isWorthRepeating } from './reactions.ts'
import type { LaunchRecord } from './records.ts'

export interface ResumptionInput extends Pick<PlanInput, 'picture' | 'memory' | 'now'> {
  readonly policy: Pick<Policy, 'isMine' | 'wants' | 'intent' | 'pools'>
}

/**
 * Launches whose outcome is open: the same id again while its units are wanted, for only that answer is definite.
 * One that nobody wants, or whose machine would end on arrival, is settled when every call of it was surely refused, or when it is proved absent.
 */
export function planResumptions({
  picture,
  policy,
  memory,
  now,
}: ResumptionInput): readonly (Resume | Settle)[] {
  const wanted = new Set(policy.wants.map(want => want.key))
  const viewsOf = Map.groupBy(picture.units, view => view.unit.launchId)
  return memory.launches.flatMap((launch): (Resume | Settle)[] => {
    if (launch.state !== 'intended' || !policy.isMine(launch)) return []
    const views = viewsOf.get(launch.launchId) ?? []
    // Seen in the cloud in this tick: the observation has made it accepted.
    if (views.some(view => view.instance)) return []

    const isWanted = policy.intent === 'run' && views.some(view => wanted.has(view.unit.want))
    if (isWanted && isRepeatable(launch) && launch.expiresAt > now) {
      if ((launch.nextTryAt ?? 0) > now || mayShowLater(launch, policy, now)) return []
      return [{ kind: 'resume', launch, why: launch.lastError?.message ?? 'its answer never came' }]
    }
    if (launch.doubtedAt === undefined) return [{ kind: 'settle', launch, why: refusalOf(launch, now) }]
    return views.every(view => view.isAbsent)
      ? [{ kind: 'settle', launch, why: 'it is not in the cloud' }]
      : []
  })
}

/** Where lists alone say what an id stands for, a call that is not answered may have made what they do not show yet. */
function mayShowLater(launch: LaunchRecord, { pools }: ResumptionInput['policy'], now: number): boolean {
  const { idempotency, settleMs = 0 } = pools.get(launch.pool)?.capabilities ?? {}
  if (idempotency !== 'tag-lookup' || launch.doubtedAt === undefined) return false
  return now - launch.doubtedAt <= settleMs || isOnItsWay(launch, now, settleMs)
}

function refusalOf({ tries, expiresAt }: LaunchRecord, now: number): string {
  if (expiresAt <= now) return 'its machine would be past its deadline on arrival'
  return tries > 0 ? 'the cloud refused it' : 'it was never sent'
}

/**
 * Out of stock, or taken by another request: calling again says no more, and what an earlier call may have made is
 * adopted once it shows, or proved absent. Being told that nothing works is believed in the end, being told to wait not.
 */
function isRepeatable({ tries, lastError, doubtedAt }: LaunchRecord): boolean {
  if (!lastError) return true
  const isHopeless = tries >= launchTriesMax && lastError.code === 'unavailable' && doubtedAt === undefined
  return isWorthRepeating(lastError.code) && !isHopeless
}
