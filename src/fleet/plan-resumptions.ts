import type { Resume, Settle } from './actions.ts'
import type { PlanInput } from './plan.ts'
import { launchTriesMax, type Policy } from './policy.ts'
import type { LaunchRecord } from './records.ts'

export interface ResumptionInput extends Pick<PlanInput, 'picture' | 'memory' | 'now'> {
  readonly policy: Pick<Policy, 'isMine' | 'wants' | 'intent'>
}

/**
 * Launches whose outcome is open: the same id again while its units are wanted, for only that answer is definite.
 * One that nobody wants is settled when every call of it was surely refused, or when it is proved absent.
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

    // Another request stands under this id. Calling again says no more: it is adopted once it shows, or proved absent.
    const isTaken = launch.lastError?.code === 'conflict'
    const isWanted = policy.intent === 'run' && views.some(view => wanted.has(view.unit.want))
    if (isWanted && !isTaken && !isHopeless(launch)) {
      if ((launch.nextTryAt ?? 0) > now) return []
      return [{ kind: 'resume', launch, why: launch.lastError?.message ?? 'its answer never came' }]
    }
    if (!launch.isInDoubt) return [{ kind: 'settle', launch, why: refusalOf(launch) }]
    return views.every(view => view.isAbsent)
      ? [{ kind: 'settle', launch, why: 'it is not in the cloud' }]
      : []
  })
}

function refusalOf({ tries }: LaunchRecord): string {
  return tries > 0 ? 'the cloud refused it' : 'it was never sent'
}

/** Being told to wait is no reason to give up; being told that nothing works is one, in the end. */
function isHopeless({ tries, lastError, isInDoubt }: LaunchRecord): boolean {
  return tries >= launchTriesMax && lastError?.code === 'unavailable' && !isInDoubt
}
