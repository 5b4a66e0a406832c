import type { Looking } from '../engine/gather.ts'
import type { UnitView } from '../fleet/picture.ts'
import type { WantState } from '../fleet/wants.ts'
import type { Progress } from './provision.ts'

/** So soon it is seen that the job of a machine on its way was stopped, or taken by another agent. Unit: milliseconds. */
const jobsEveryMs = 10_000

export type HubLook = Pick<Looking, 'queues' | 'jobs'>

/** What `provision` asks the hub for in its next tick, besides its agents; it took the queue as it stood at `startedAt`. */
export function openHubLooks(startedAt: number): (progress: Progress, now: number) => HubLook {
  let jobsAt = startedAt
  return ({ wants, units }, now) => {
    const unsure = wants.filter(({ state }) => needsQueue(state)).map(({ want }) => want.agentType)
    const coming = now - jobsAt >= jobsEveryMs ? units.filter(isComing).map(typeOf) : []
    if (coming.length > 0) jobsAt = now
    return { queues: [...new Set([...unsure, ...coming])], jobs: coming.length > 0 }
  }
}

/** The queue decides about these: is the job still waiting, or was it taken or cancelled? */
function needsQueue(state: WantState): boolean {
  if (state.state === 'unclear' || state.state === 'refused') return true
  return state.state === 'open' && state.last !== undefined
}

/** On its way to a job of its own, which may be lost meanwhile. */
function isComing({ unit: { phase, jobId } }: UnitView): boolean {
  return jobId !== undefined && (phase === 'launching' || phase === 'booting')
}

function typeOf({ launch }: UnitView): string {
  return launch.agentType
}
