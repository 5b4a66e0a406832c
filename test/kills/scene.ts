import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Home } from '../support/cli.ts'
import type { Round } from '../support/round.ts'

/** A provider with a hub and jobs of its own, for one story. */
export interface Scene extends AsyncDisposable {
  readonly round: Round
  /** What is there of the owner, in the cloud or on this machine. */
  readonly left: () => readonly string[] | Promise<readonly string[]>
  /** Another host: a journal of its own, the same configuration and the same cloud. */
  readonly elsewhere: () => Home
}

/** The folder of the journal and its lock. */
export function journalFolder({ env, folder }: Home): string {
  return join(folder, 'state/agentctl/journals', env.AGENTCTL_OWNER ?? '')
}

/** Whether a command has written down that it runs. */
export function hasRuns(home: Home): boolean {
  const file = join(journalFolder(home), 'journal.sqlite')
  if (!existsSync(file)) return false
  using journal = new DatabaseSync(file, { readOnly: true })
  try {
    return journal.prepare('select 1 from runs').all().length > 0
  } catch {
    // It is about to make its tables.
    return false
  }
}

/** Launches and units that the journals under a folder take for open. */
export function openRows(folder: string): readonly unknown[] {
  return globSync(join(folder, '**/journal.sqlite')).flatMap(file => {
    using journal = new DatabaseSync(file, { readOnly: true })
    return journal
      .prepare(
        'select body from launches where is_open = 1 union all select body from units where is_open = 1',
      )
      .all()
  })
}
