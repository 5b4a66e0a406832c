import { stampOf } from '../effects/files.ts'
import type { JobRecord, QueueSample } from '../fleet/records.ts'
import { type Life, livesOf } from '../history/life.ts'
import { journalFile } from '../journal/database.ts'
import type { HistoryRecords } from '../journal/history.ts'
import type { Context } from './context.ts'
import { journalFolder } from './session.ts'

/** What the journal of this host knows of a time. */
export interface History {
  readonly owner: string
  readonly since: number
  readonly until: number
  readonly lives: readonly Life[]
  readonly jobs: readonly JobRecord[]
  readonly queues: readonly QueueSample[]
}

/** Machines and jobs that were there at any time since then; reads the journal alone, neither clouds nor the hub. */
export function readHistory(context: Context, since: number): History {
  const records = recordsOf(context, { since })
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

/** Without a journal there is nothing to tell, and none is made for it. */
export function recordsOf(
  context: Context,
  wanted: { readonly since: number } | { readonly jobId: string },
): HistoryRecords {
  const folder = journalFolder(context)
  const { openJournal, clock } = context.effects
  if (stampOf(journalFile(folder)) === '') return { launches: [], units: [], jobs: [], queues: [] }
  using journal = openJournal(folder, clock.now)
  return journal.history(wanted)
}
