import { contractError, type StoredRecord, type Tenure } from '@agentctl/contract'
import { sqlite } from '../effects/sqlite.ts'
import { messageOf } from '../errors/message.ts'
import { type Database, prepare } from '../journal/database.ts'
import { type Journal, journalIn } from '../journal/journal.ts'
import { type Changed, captureIn, fill } from './capture.ts'
import { inTurn } from './in-turn.ts'

/** What a mirror tells of itself. */
export interface MirrorNews {
  /** Once: nothing more can be committed, with the reason. */
  readonly onEnd: (why: string) => void
  /** Each commit that took effect. Unit: milliseconds. */
  readonly onCommit?: (tookMs: number) => void
}

export interface MirrorOptions extends MirrorNews {
  readonly now: () => number
  /** Whether decisions may rest on what `now` has said since the mirror was opened; always, where left out. */
  readonly isTrusted?: () => boolean
  /** Which of the changes concern others; all, where left out. */
  readonly isShared?: (record: Pick<StoredRecord, 'kind'>) => boolean
}

/** A journal in memory that stands for what a coordinator keeps of one work, while this host holds it. */
export interface Mirror extends Journal {
  readonly commit: () => Promise<void>
  readonly recall: (wants: readonly string[], launchIds: readonly string[]) => Promise<void>
  /** Commits what was written, if anything was. */
  readonly flush: () => Promise<void>
  /** Drops what is closed and was not changed since: it can be recalled. */
  trim(before: number): void
}

/** Loads the work's open records, and the launches of its open units. @throws `unavailable` */
export async function openMirror(tenure: Tenure, options: MirrorOptions): Promise<Mirror> {
  const { now, onEnd, onCommit, isShared = () => true, isTrusted = () => true } = options
  const database: Database = new (sqlite().DatabaseSync)(':memory:')
  prepare(database)
  const open = await tenure.load()
  const ofUnits = open.flatMap(one => (one.kind === 'unit' ? (one.launchId ?? []) : []))
  const launchIds = [...new Set(ofUnits)]
  const launched = launchIds.length > 0 ? await tenure.recall({ wants: [], launchIds }) : []
  fill(database, [...open, ...launched])
  const capture = captureIn(database, { work: tenure.work.name, now })
  /** Of which all is here that anybody knows: wants, and launches. */
  const recalled = new Set(launchIds)
  /** Launches that were not made here, some units of which may not be here. */
  const partly = new Set(open.flatMap(one => one.launchId ?? []))
  let end: string | undefined

  /** What is here is not what the coordinator has any more. */
  function over(why: string): never {
    if (end === undefined) onEnd(why)
    end ??= why
    throw contractError('unavailable', `Not sent: ${end}`)
  }

  async function send(): Promise<void> {
    if (end !== undefined) over(end)
    if (!isTrusted()) over('the clock of this host was set, or it was silent for too long')
    const { saved, removed }: Changed = capture.take()
    const changes = { saved: saved.filter(isShared), removed: removed.filter(isShared) }
    const startedAt = now()
    const answer = await tenure.commit(changes).catch(error => over(messageOf(error)))
    if (answer === 'lost') over(`another host may hold ${tenure.work.name} by now`)
    for (const { kind, key } of saved) if (kind === 'launch' && !partly.has(key)) recalled.add(key)
    onCommit?.(now() - startedAt)
  }

  const commit = inTurn(send)
  return {
    ...journalIn(database, now),
    commit,
    flush: async () => {
      if (!capture.isEmpty()) await commit()
    },
    async recall(wants, ids) {
      const asked = {
        wants: wants.filter(want => !recalled.has(want)),
        launchIds: ids.filter(id => !recalled.has(id)),
      }
      if (asked.wants.length + asked.launchIds.length === 0) return
      const found = await tenure.recall(asked).catch(error => over(messageOf(error)))
      capture.quietly(() => fill(database, found))
      for (const key of [...asked.wants, ...asked.launchIds]) recalled.add(key)
      for (const { launchId } of found) if (launchId !== undefined) partly.add(launchId)
    },
    trim(before) {
      recalled.clear()
      for (const { launch_id } of database.prepare('select launch_id from launches').all()) {
        partly.add(String(launch_id))
      }
      capture.quietly(() => {
        database.prepare('delete from units where is_open = 0 and changed_at < ?').run(before)
        database.prepare('delete from jobs where is_open = 0 and changed_at < ?').run(before)
        database.prepare('delete from queues where at < ?').run(before)
        database.exec(
          'delete from launches where is_open = 0 and launch_id not in (select launch_id from units)',
        )
      })
    },
    // How long the past is kept is for the coordinator to do, not for what stands for it.
    prune: () => undefined,
    [Symbol.dispose]: () => database.close(),
  }
}

/** A journal of records that were read elsewhere, to look at. */
export function journalOf(records: readonly StoredRecord[], now: () => number): Journal {
  const database: Database = new (sqlite().DatabaseSync)(':memory:')
  prepare(database)
  fill(database, records)
  return journalIn(database, now)
}
