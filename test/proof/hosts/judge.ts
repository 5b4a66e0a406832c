import { violationsOf } from '../../sim/violations.ts'
import { wronglyEnded } from '../judge.ts'
import { type Installation, owner, secrets } from './installation.ts'

/** Whatever their clocks say, hosts go by the true time, in which no job here is too long. */
const isAllowedFor = /it is (stopped|failed)/

/** Everything that has to hold in the end, whatever befell the hosts; what does not is told in words. */
export function judgeHosts(stage: Installation): readonly string[] {
  const { sim, story, lines, startedAt } = stage
  const jobs = new Map(stage.jobs())
  const general = violationsOf(
    { sim, owner, jobs, lines, secrets },
    { mostMachines: story.max, orphanMs: sim.cloud.traits.worstOrphanMs },
  ).filter(words => !words.endsWith('is left behind'))
  return [
    ...general,
    ...wronglyEnded({ sim, lines, startedAt, hub: { jobs } }, { cancelled: new Set() }, isAllowedFor),
  ]
}

/** What is still there, without what the cloud never deletes, and its parts: that is its own affair. */
export function leftIn({ sim: { cloud } }: Pick<Installation, 'sim'>): readonly string[] {
  const resources = cloud.resources()
  const kept = new Set(resources.flatMap(one => (one.isUndeletable ? [one.id] : [])))
  const partOf = new Map(resources.map(one => [one.id, one.instanceId ?? one.id]))
  return cloud.left(owner).filter(line => !kept.has(partOf.get(line.split(' ')[1] ?? '') ?? ''))
}
