import type { UnitView } from './picture.ts'
import type { Policy } from './policy.ts'
import type { LaunchRecord } from './records.ts'

/** A launch that this command answers for: its own, and those in its pools whose run is over or unknown. */
export function isMine(launch: LaunchRecord, policy: Policy): boolean {
  if (launch.runId === policy.runId) return true
  return policy.pools.has(launch.pool) && (launch.runId === '' || policy.isRunOver(launch.runId))
}

export function mine(views: readonly UnitView[], policy: Policy): readonly UnitView[] {
  return views.filter(view => isMine(view.launch, policy))
}
