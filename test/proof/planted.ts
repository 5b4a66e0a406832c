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

/** Hunts all of them, `jobs` at a time; gives the names of those that no story caught. */
export async function huntAll(
  bugs: readonly Bug[],
  jobs: number,
  onEnd: (bug: Bug, found: Catch | undefined) => void,
): Promise<readonly string[]> {
  const missed: string[] = []
  const rest = bugs.values()
  const line = async () => {
    for (const bug of rest) {
      const found = await hunt(bug)
      onEnd(bug, found)
      if (!found) missed.push(bug.name)
    }
  }
  await Promise.all(Array.from({ length: jobs }, line))
  return missed
}

/** Plays stories on a copy of the code that has that bug until one of them fails; undefined where none does. */
export async function hunt(bug: Bug): Promise<Catch | undefined> {
  const tree = mkdtempSync(join(tmpdir(), 'agentctl-bug-'))
  try {
    plant(bug, tree)
    let caught: Catch | undefined
    await campaign({
      stories: storiesFor(bug),
      jobs: 1,
      tree,
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

function* storiesFor({ needs = () => true }: Bug): Generator<Story> {
  let found = 0
  for (let at = 1; at <= campaignLength && found < storiesMax; at++) {
    const story = storyOf(`seed ${at}`)
    if (!needs(story)) continue
    found++
    yield story
  }
}

/** A copy of what plays, with the bug in it. @throws when the code that it changes is not there any more, or twice */
function plant({ name, edits }: Bug, tree: string): void {
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
