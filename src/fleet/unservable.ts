import { isHeldAfterwards } from './holds.ts'
import { isAlive, type Picture } from './picture.ts'
import type { Policy } from './policy.ts'
import { attemptsMaxOf, wantStates } from './wants.ts'

/** A job that will get no machine any more. */
export interface Unservable {
  readonly jobId: string
  readonly agentType: string
  readonly why: string
}

/**
 * Jobs whose attempts are spent, by every pool of their type, and that this look's queue still lists. One that has a
 * machine, or may come to have one (a launch in doubt), is none; nor is any of a queue that could not be read. Pure.
 */
export function unservableJobs(picture: Picture, policy: Policy): readonly Unservable[] {
  const served = new Set(
    picture.units.filter(view => isAlive(view) && !isHeldAfterwards(view)).map(view => view.unit.jobId),
  )
  return wantStates(policy.wants, picture, attemptsMaxOf(policy)).flatMap(({ want, state }): Unservable[] => {
    const { jobId, agentType, isStanding } = want
    if (jobId === undefined || !isStanding || state.state !== 'failed' || served.has(jobId)) return []
    const queue = picture.queues.get(agentType)
    if (queue?.state !== 'known' || !queue.value.jobIds.includes(jobId)) return []
    const { reason = 'unknown', detail = '' } = state.unit
    const why = `no machine could be made for it, ${state.failures} failed; the last: ${reason}${detail && `: ${detail}`}`
    return [{ jobId, agentType, why }]
  })
}
