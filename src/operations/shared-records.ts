import type { StoredRecord } from '@agentctl/contract'
import { journalOf } from '../coordination/mirror.ts'
import { stampOf } from '../effects/files.ts'
import { messageOf } from '../errors/message.ts'
import { journalFile } from '../journal/database.ts'
import type { Journal } from '../journal/journal.ts'
import type { Context } from './context.ts'
import { openCoordinator } from './open-coordinator.ts'
import { journalFolder } from './session.ts'

type RecordsWanted = { readonly since: number } | { readonly jobId: string } | { readonly jobPrefix: string }

/** What the hosts that share a coordinator have written down. */
async function sharedRecords(context: Context, wanted: RecordsWanted): Promise<readonly StoredRecord[]> {
  await using coordinator = await openCoordinator(context)
  return await coordinator.history(wanted)
}

/** A journal to look back in: this host's own, where it has one, or one made of what all hosts have written down. */
export async function pastJournal(context: Context, wanted: RecordsWanted): Promise<Journal | undefined> {
  const { settings, effects } = context
  if (settings.coordinator) return journalOf(await sharedRecords(context, wanted), effects.clock.now)
  return ownJournal(context)
}

/** This host's journal; undefined where there is none, and none is made. */
export function ownJournal(context: Context): Journal | undefined {
  const folder = journalFolder(context)
  const { openJournal, clock } = context.effects
  return stampOf(journalFile(folder)) === '' ? undefined : openJournal(folder, clock.now)
}

/** Attempts of a job that are over count too; who waits longer than that is rare. Unit: milliseconds. */
const draftMs = 60 * 60_000

/** What all hosts have written down, to write into without consequences. */
export async function sharedDraft(context: Context): Promise<Context['effects']['openJournal']> {
  const records = await sharedRecords(context, { since: context.effects.clock.now() - draftMs })
  return (_folder, now) => journalOf(records, now)
}

/**
 * The journal of a look at what runs. Beside a coordinator it knows the scopes that were used before and nothing else,
 * as on a host that has no journal yet, for what is written into it reaches nobody: tags say what is ours. Who looks
 * for one of several hosts has that one's.
 */
export async function surveyJournal(context: Context): Promise<Journal> {
  const { settings, effects, shared } = context
  const { now } = effects.clock
  if (!settings.coordinator || shared) return effects.openJournal(journalFolder(context), now)
  const records = await sharedRecords(context, { since: now() }).catch(error => {
    context.signal.throwIfAborted()
    context.log.warn('The coordinator cannot be asked for scopes that were used before', {
      why: messageOf(error),
    })
    return []
  })
  return journalOf(records.filter(isScope), now)
}

function isScope({ kind, body }: StoredRecord): boolean {
  return kind === 'note' && (JSON.parse(body) as { readonly kind?: string }).kind === 'scope'
}
