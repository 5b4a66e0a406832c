import type { Picture, UnitView } from './picture.ts'

/** Why a machine's job can never come to it any more; undefined as long as nobody has said so. */
export function lostItsJob({ unit, instance, agent }: UnitView, { jobs }: Pick<Picture, 'jobs'>) {
  if (!instance || unit.jobId === undefined || agent !== 'absent' || unit.entered.online !== undefined) {
    return undefined
  }
  const job = jobs.get(unit.jobId)
  if (job?.state !== 'known') return undefined
  if (job.value.state === 'finished') return 'its job is over, or was stopped, before it was up'
  const isElsewhere = job.value.state === 'running' && job.value.agent && job.value.agent !== unit.name
  return isElsewhere ? `its job runs on ${job.value.agent}` : undefined
}
