import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type Words, worded } from '../docs/typed.ts'
import type { Home } from '../support/cli.ts'
import { type Said, sh } from '../support/shell.ts'

/** A row of docs/the-document.md: a step of a chapter, and the commands that do it. */
interface Row {
  readonly chapter: string
  readonly step: string
  readonly commands: readonly string[]
}

const page = readFileSync(new URL('../../docs/the-document.md', import.meta.url), 'utf8')

export const rows: readonly Row[] = [...page.matchAll(/^\| (.+?) \| (.+?) \| (`.+`) \|$/gm)].map(
  ([, chapter = '', step = '', cell = '']) => ({
    chapter,
    step,
    commands: cell.split('<br>').map(command => command.slice(1, -1).replaceAll('\\|', '|')),
  }),
)

const performed = new Set<Row>()

/** Rows whose commands were all run, and those that lack a part of this machine. */
export const isPerformed = (row: Row): boolean => performed.has(row)

export interface Change {
  /** Words of the page, and what they are in this test. */
  readonly words?: Words
  /** More of the command line. */
  readonly more?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the next command of the row, as a person would. */
export type Next = (home: Home, change?: Change) => Promise<Said>

interface Needs {
  /** Why this machine cannot do it. */
  readonly missing?: string | undefined
}

/** A test of one row, which has to run all of its commands in order. */
export function step(chapter: string, name: string, needs: Needs, test: (next: Next) => Promise<void>): void {
  const row = rows.find(one => one.chapter === chapter && one.step === name)
  const title = `${chapter}: ${name}${needs.missing ? ` (${needs.missing})` : ''}`
  if (needs.missing !== undefined && row !== undefined) performed.add(row)
  it.skipIf(needs.missing !== undefined)(title, { timeout: 120_000 }, async () => {
    if (row === undefined) throw new Error('docs/the-document.md has no such row')
    const left = [...row.commands]
    await test((home, { words = {}, more = '', env = {} } = {}) => {
      const command = left.shift()
      if (command === undefined) throw new Error('the row has no more commands')
      return sh({ ...home, env: { ...home.env, ...env } }, `${worded(command, words)} ${more}`)
    })
    expect(left, 'commands of the row that were not run').toEqual([])
    performed.add(row)
  })
}
