import type { ErrorCode } from '@agentctl/contract'
import type { Resume, Settle } from './actions.ts'
import type { PlanInput } from './plan.ts'
import { launchTriesMax, type Policy } from './policy.ts'
import type { LaunchRecord } from './records.ts'

/** The cloud surely did not take a call that ended so. */
const refusals: readonly ErrorCode[] = ['unavailable', 'rate-limited']

/** A call cannot take effect later than this after it was sent. */
const lateEffectMs = 30_000

export interface ResumptionInput extends Pick<PlanInput, 'picture' | 'memory' | 'now'> {
  readonly policy: Pick<Policy, 'isMine' | 'wants' | 'intent'>
}

/**
 * Launches whose outcome is open: the same id again while its units are wanted, for only that answer is definite.
 * One that nobody wants is settled once it was surely refused, or is missing long after its intent.
 */
export function planResumptions({
  picture,
  policy,
  memory,
  now,
}: ResumptionInput): readonly (Resume | Settle)[] {
  const wanted = new Set(policy.wants.map(want => want.key))
  const wantsOf = Map.groupBy(picture.units, view => view.unit.launchId)
  return memory.launches.flatMap((launch): (Resume | Settle)[] => {
    if (launch.state !== 'intended' || !policy.isMine(launch)) return []
    const views = wantsOf.get(launch.launchId) ?? []
    // Seen in the cloud in this tick: the observation has made it accepted.
    if (views.some(view => view.instance)) return []

    const isWanted = policy.intent === 'run' && views.some(view => wanted.has(view.unit.want))
    if (isWanted && !isHopeless(launch)) {
      if ((launch.nextTryAt ?? 0) > now) return []
      return [{ kind: 'resume', launch, why: launch.lastError?.message ?? 'its answer never came' }]
    }
    const wasRefused = launch.lastError !== undefined && refusals.includes(launch.lastError.code)
    const isMissing = views.every(view => view.isScopeKnown) && now - launch.intendedAt > lateEffectMs
    if (!wasRefused && !isMissing) return []
    return [{ kind: 'settle', launch, why: wasRefused ? 'the cloud refused it' : 'it is not in the cloud' }]
  })
}

function isHopeless({ tries, lastError }: LaunchRecord): boolean {
  return tries >= launchTriesMax && lastError !== undefined && refusals.includes(lastError.code)
}
