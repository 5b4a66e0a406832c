import type { Policy } from './policy.ts'
import type { LaunchRecord } from './records.ts'

export interface Claim {
  readonly runId: string
  readonly pools: { has(pool: string): boolean }
  readonly isRunOver: (runId: string) => boolean
  readonly intent: Policy['intent']
}

/**
 * A run answers for its own launches, and for those in its pools whose run is over. One of which the cloud alone tells
 * may have a live run on another host: it is looked after, deadlines and all, and not called off with this run.
 */
export function claims({ runId, pools, isRunOver, intent }: Claim, launch: LaunchRecord): boolean {
  if (launch.runId === runId) return true
  if (!pools.has(launch.pool)) return false
  return launch.runId === '' ? intent === 'run' : isRunOver(launch.runId)
}
