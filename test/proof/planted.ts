import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bug } from './bugs.ts'
import { campaign, checkout } from './campaign.ts'
import { type Story, storyOf } from './story.ts'

/** Stories that a planted bug may take to be caught, of so many of the campaign. */
const storiesMax = 400
const campaignLength = 10_000

export interface Catch {
  readonly seed: string
  readonly words: string
}

/** Other stories than those of one controller after the other, and who plays them. */
export interface Hunting<S> {
  readonly storyNamed?: (seed: string) => S
  readonly player?: string
}

/** Hunts all of them, `jobs` at a time; gives the names of those that no story caught. */
export async function huntAll<S extends Pick<Story, 'seed'> = Story>(
  bugs: readonly Bug<S>[],
  jobs: number,
  onEnd: (bug: Bug<S>, found: Catch | undefined) => void,
  hunting: Hunting<S> = {},
): Promise<readonly string[]> {
  const missed: string[] = []
  const rest = bugs.values()
  const line = async () => {
    for (const bug of rest) {
      const found = await hunt(bug, hunting)
      onEnd(bug, found)
      if (!found) missed.push(bug.name)
    }
  }
  await Promise.all(Array.from({ length: jobs }, line))
  return missed
}

/** Plays stories on a copy of the code that has that bug until one of them fails; undefined where none does. */
export async function hunt<S extends Pick<Story, 'seed'> = Story>(
  bug: Bug<S>,
  { storyNamed = storyOf as never, player }: Hunting<S> = {},
): Promise<Catch | undefined> {
  const tree = mkdtempSync(join(tmpdir(), 'agentctl-bug-'))
  try {
    plant(bug, tree)
    let caught: Catch | undefined
    await campaign({
      stories: storiesFor(bug, storyNamed),
      jobs: 1,
      tree,
      ...(player !== undefined && { player }),
      onOutcome({ seed, violations: [words] }) {
        if (words === undefined) return undefined
        caught ??= { seed, words: words.split('\n', 1)[0] ?? '' }
        return 'enough'
      },
    })
    return caught
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

function* storiesFor<S>({ needs = () => true }: Bug<S>, storyNamed: (seed: string) => S): Generator<S> {
  let found = 0
  for (let at = 1; at <= campaignLength && found < storiesMax; at++) {
    const story = storyNamed(`seed ${at}`)
    if (!needs(story)) continue
    found++
    yield story
  }
}

/** A copy of what plays, with the bug in it. @throws when the code that it changes is not there any more, or twice */
function plant({ name, edits }: Pick<Bug, 'name' | 'edits'>, tree: string): void {
  for (const part of ['src', 'test/proof', 'test/sim', 'package.json'])
    cpSync(join(checkout, part), join(tree, part), { recursive: true })
  symlinkSync(join(checkout, 'node_modules'), join(tree, 'node_modules'))
  for (const { file, find, replace } of edits) {
    const path = join(tree, file)
    const parts = readFileSync(path, 'utf8').split(find)
    if (parts.length !== 2) {
      throw new Error(`${name}: ${file} has ${parts.length - 1} times, and must have once: ${find}`)
    }
    writeFileSync(path, parts.join(replace))
  }
}
