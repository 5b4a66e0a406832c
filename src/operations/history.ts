import type { JobRecord, QueueSample } from '../fleet/records.ts'
import { type Life, livesOf } from '../history/life.ts'
import type { HistoryRecords } from '../journal/history.ts'
import type { Context } from './context.ts'
import { pastJournal } from './shared-records.ts'

/** What the journal of this host, or those of all that share a coordinator, knows of a time. */
export interface History {
  readonly owner: string
  readonly since: number
  readonly until: number
  readonly lives: readonly Life[]
  readonly jobs: readonly JobRecord[]
  readonly queues: readonly QueueSample[]
}

/** Machines and jobs that were there at any time since then; reads what was written down alone, neither clouds nor the hub. */
export async function readHistory(context: Context, since: number): Promise<History> {
  const records = await recordsOf(context, { since })
  const until = context.effects.clock.now()
  return {
    owner: context.settings.owner,
    since,
    until,
    lives: livesOf(records),
    jobs: records.jobs,
    queues: records.queues,
  }
}

/** Without a journal there is nothing to tell. */
export async function recordsOf(
  context: Context,
  wanted: { readonly since: number } | { readonly jobId: string },
): Promise<HistoryRecords> {
  using journal = await pastJournal(context, wanted)
  return journal?.history(wanted) ?? { launches: [], units: [], jobs: [], queues: [] }
}
