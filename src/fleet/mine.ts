import type { LaunchRecord } from './records.ts'

export interface Claim {
  readonly runId: string
  readonly pools: { has(pool: string): boolean }
  readonly isRunOver: (runId: string) => boolean
}

/** A run answers for its own launches, and for those in its pools whose run is over or unknown. */
export function claims({ runId, pools, isRunOver }: Claim, launch: LaunchRecord): boolean {
  if (launch.runId === runId) return true
  return pools.has(launch.pool) && (launch.runId === '' || isRunOver(launch.runId))
}
