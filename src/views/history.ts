import type { JobRecord, QueueSample } from '../fleet/records.ts'
import { type Life, steps } from '../history/life.ts'
import type { History } from '../operations/history.ts'
import { csv } from './csv.ts'

/** Everything that is kept of a time, for programs. Times in milliseconds since the epoch. */
export interface HistoryJson {
  readonly owner: string
  readonly since: number
  readonly until: number
  readonly machines: readonly Life[]
  readonly jobs: readonly JobRecord[]
  readonly queues: readonly QueueSample[]
}

export function historyJson({ owner, since, until, lives, jobs, queues }: History): HistoryJson {
  return { owner, since, until, machines: lives, jobs, queues }
}

/** One object a line: machines, then jobs, then the queue. */
export function historyLines({ machines, jobs, queues }: HistoryJson): readonly string[] {
  return [
    ...machines.map(one => JSON.stringify({ kind: 'machine', ...one })),
    ...jobs.map(one => JSON.stringify({ kind: 'job', ...one })),
    ...queues.map(one => JSON.stringify({ kind: 'queue', ...one })),
  ]
}

const columns = [
  'launchId',
  'index',
  'name',
  'jobId',
  'agentType',
  'pool',
  'provider',
  'scope',
  'offering',
  'instanceId',
  'attempt',
  'tries',
  'phase',
  'reason',
  'errorCode',
  'detail',
  'fault',
  'why',
] as const

/** A line for each machine, times as ISO 8601; what consoles said is in the other forms. */
export function historyCsv({ machines }: HistoryJson): readonly string[] {
  return csv(
    [...columns, ...steps],
    machines.map(life => [...columns.map(name => life[name]), ...steps.map(step => isoOf(life.times[step]))]),
  )
}

function isoOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}
