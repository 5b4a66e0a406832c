import type { Want } from './actions.ts'
import type { Picture } from './picture.ts'
import type { JobRecord, QueueSample, Wait, Waited } from './records.ts'

/** The first and the latest of a job's waits that are kept, each. */
const waitsKept = 10
/** The queue is written down this often at most. Unit: milliseconds. */
const sampleMs = 5_000

interface JobFacts {
  readonly picture: Pick<Picture, 'queues' | 'units'>
  /** By job; see `waitsOf`. What it does not name stays as it is. */
  readonly waits: ReadonlyMap<string, Wait | 'none'>
  /** A command that read its queue once knows of jobs what no later look shows. */
  readonly wants: readonly Want[]
  /** Jobs that are open, and all that the queues show and that are wanted. */
  readonly before: readonly JobRecord[]
  readonly now: number
}

/** What the queues say anew of jobs: those that came, those that left, and why the others wait. */
export function nextJobs({ picture, waits, wants, before, now }: JobFacts): readonly JobRecord[] {
  const known = new Map(before.map(job => [job.jobId, job]))
  const listed = listedIn(picture)
  const started = new Map(
    picture.units.flatMap(({ unit }) =>
      unit.jobId !== undefined && unit.entered.online !== undefined
        ? [[unit.jobId, unit.entered.online]]
        : [],
    ),
  )
  const seen = [
    ...[...listed.types].map(([jobId, agentType]) => ({ jobId, agentType, queuedAt: now })),
    ...wants.flatMap(({ jobId, agentType, since = now }) =>
      jobId === undefined || listed.types.has(jobId)
        ? []
        : [{ jobId, agentType, queuedAt: Math.min(now, since) }],
    ),
  ]
  const came = seen.flatMap((job): JobRecord[] => (known.has(job.jobId) ? [] : [{ ...job, waits: [] }]))
  return [...before, ...came].flatMap(job => {
    const isListed = listed.types.has(job.jobId)
    const hasLeft = !isListed && (listed.complete.has(job.agentType) || started.has(job.jobId))
    const leftAt = hasLeft ? (job.leftAt ?? Math.min(now, started.get(job.jobId) ?? now)) : job.leftAt
    const { leftAt: _, ...rest } = job
    const next: JobRecord = {
      ...rest,
      ...(leftAt !== undefined && !isListed && { leftAt }),
      waits: nextWaits(job.waits, hasLeft ? 'none' : waits.get(job.jobId), now),
    }
    return known.get(job.jobId) === job && JSON.stringify(next) === JSON.stringify(job) ? [] : [next]
  })
}

/** The wait so far goes on, ends, or gives way to another one. */
export function nextWaits(
  waits: readonly Waited[],
  wait: Wait | 'none' | undefined,
  now: number,
): readonly Waited[] {
  const last = waits.at(-1)
  const isOpen = last !== undefined && last.until === undefined
  if (wait === undefined || (wait === 'none' && !isOpen)) return waits
  if (isOpen && wait !== 'none' && wait.code === last.code && wait.why === last.why) return waits
  const before = isOpen ? waits.with(-1, { ...last, until: now }) : waits
  if (wait === 'none') return before
  const all = [...before, { since: now, code: wait.code, why: wait.why }]
  return all.length > 2 * waitsKept ? [...all.slice(0, waitsKept), ...all.slice(-waitsKept)] : all
}

function listedIn({ queues }: Pick<Picture, 'queues'>) {
  const types = new Map<string, string>()
  const complete = new Set<string>()
  for (const [agentType, queue] of queues) {
    if (queue.state === 'unknown') continue
    const { jobIds, queuedCount } = queue.value
    if (queuedCount <= jobIds.length) complete.add(agentType)
    for (const id of jobIds) types.set(id, agentType)
  }
  return { types, complete }
}

/** Queues that are not as long as when they were written down last. */
export function nextSamples(
  { queues }: Pick<Picture, 'queues'>,
  before: readonly QueueSample[],
  now: number,
): readonly QueueSample[] {
  return [...queues].flatMap(([agentType, queue]): QueueSample[] => {
    if (queue.state === 'unknown') return []
    const { queuedCount: queued, runningCount: running } = queue.value
    const last = before.find(one => one.agentType === agentType)
    if (last && ((last.queued === queued && last.running === running) || now - last.at < sampleMs)) return []
    return [{ agentType, at: now, queued, ...(running !== undefined && { running }) }]
  })
}
