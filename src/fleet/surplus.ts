import type { Picture, UnitView } from './picture.ts'
import { unitKey } from './records.ts'

/** Machines whose job can never come to them any more, by {@link unitKey}, each with the reason in words. */
export function surplusIn(picture: Pick<Picture, 'units' | 'jobs'>): ReadonlyMap<string, string> {
  return new Map(
    picture.units.flatMap(view => {
      const why = lostItsJob(view, picture)
      return why === undefined ? [] : [[unitKey(view.unit), why] as const]
    }),
  )
}

/** Undefined as long as nobody has said so: no look that failed, and no queue alone, says it. */
function lostItsJob({ unit, instance, agent }: UnitView, { jobs }: Pick<Picture, 'jobs'>) {
  if (!instance || unit.jobId === undefined || agent !== 'absent' || unit.entered.online !== undefined) {
    return undefined
  }
  const job = jobs.get(unit.jobId)
  if (job?.state !== 'known') return undefined
  if (job.value.agent === unit.name) {
    // Its own agent may have done the job between two looks, and be on its way down; or one before it under its name.
    const isRefused = 'agent-refused' in unit.marks && job.value.state === 'finished'
    return isRefused ? 'its job is over, and it was refused' : undefined
  }
  if (job.value.state === 'finished') return 'its job is over, or was stopped, before it was up'
  const isElsewhere = job.value.state === 'running' && job.value.agent
  return isElsewhere ? `its job runs on ${job.value.agent}` : undefined
}
