import { openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { run } from '../support/cli.ts'
import type { Stage } from './deaths.ts'
import { journalFolder } from './scene.ts'

/** Of a SQLite file. */
const pageBytes = 4096

export const damage = {
  overwritten: (file: string) => writeFileSync(file, 'no database at all'.repeat(100)),
  inTheMiddle(file: string) {
    const { length } = readFileSync(file)
    writeSync(openSync(file, 'r+'), Buffer.alloc(length - pageBytes, 0xaa), 0, length - pageBytes, pageBytes)
  },
} as const

/** What a dead command left in the log of its journal would heal it. */
function emptyLog(file: string): void {
  using journal = new DatabaseSync(file)
  journal.exec('pragma wal_checkpoint(truncate)')
}

/** The next command says what is wrong, and what it says is done. */
export async function startAgain(
  { scene: { round }, expect }: Stage,
  spoil: (file: string) => void,
): Promise<void> {
  const file = join(journalFolder(round.home), 'journal.sqlite')
  emptyLog(file)
  spoil(file)
  const refused = await run(round.home, 'provision')
  expect(refused.code, refused.stderr).toBe(70)
  expect(refused.stderr).toMatch(/Error: Cannot use .*journal\.sqlite[\s\S]*Next: Move the file away/)
  renameSync(file, `${file}.broken`)
}
