import type { Facts, JobSeen, Known } from '../fleet/picture.ts'
import type { Memory, UnitRecord } from '../fleet/records.ts'
import type { Engine } from './deps.ts'
import { attempt } from './gather.ts'

/** Jobs asked for in one tick: each is a call. */
const jobsMax = 20

/** What became of the jobs that left the queue while their machines were still on the way to them. */
export async function askJobs(engine: Engine, facts: Facts, memory: Memory): Promise<Facts['jobs']> {
  const { hub, signal } = engine
  if (!hub.job) return new Map<string, Known<JobSeen>>()
  const types = new Map(memory.launches.map(launch => [launch.launchId, launch.agentType]))
  const left = memory.units
    .filter(unit => isOnItsWay(unit, types.get(unit.launchId) ?? '', facts))
    .toSorted((one, other) => (one.entered.requested ?? 0) - (other.entered.requested ?? 0))
    .slice(0, jobsMax)
  const asked = left.map(async ({ jobId = '' }) => {
    const seen = await attempt(async () => (await hub.job?.(jobId, signal)) as JobSeen)
    return [jobId, seen] as const
  })
  return new Map(await Promise.all(asked))
}

function isOnItsWay(unit: UnitRecord, agentType: string, { queues, agents }: Facts): boolean {
  const { jobId, phase, name } = unit
  if (jobId === undefined || (phase !== 'booting' && phase !== 'launching')) return false
  const queue = queues.get(agentType)
  const online = agents.get(agentType)
  if (queue?.state !== 'known' || online?.state !== 'known' || online.value.has(name)) return false
  return queue.value.queuedCount <= queue.value.jobIds.length && !queue.value.jobIds.includes(jobId)
}
