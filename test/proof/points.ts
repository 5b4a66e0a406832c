import { play } from './play.ts'
import { scenes } from './scenes.ts'
import { type Act, asBefore, type Story } from './story.ts'

/** `once`: the next one lives. `each`: so do those that come after it, for a while, at the boundary of that name. */
const ways = ['once', 'each'] as const
/** What the next host has of the journal. */
const journals = ['kept', 'lost'] as const
/** Those that come after it and die as well, and how far apart: about as long as a person takes to look. */
const repeats = 3
const afterMs = 20_000

interface Point {
  readonly scene: string
  /** Number of the boundary, from 1. */
  readonly moment: number
  readonly way: string
  readonly journal: string
}

/** A scene in which the controller dies at that boundary, and another one starts. */
function storyAt({ scene, moment, way, journal }: Point): Story {
  const { acts, ...rest } = sceneNamed(scene)
  const [last, ...before] = acts.toReversed()
  if (!last) throw new Error(`${scene} has no controller`)
  const died: Act = { ...last, diesAt: moment }
  const again: Act = { ...last, afterMs, diesAt: asBefore }
  const dying = [died, ...Array.from({ length: way === 'each' ? repeats : 0 }, () => again)]
  const losesJournal = journal === 'lost'
  const all = [...before.toReversed(), ...dying.with(-1, { ...(dying.at(-1) ?? died), losesJournal })]
  return { ...rest, seed: `crash ${scene}/${moment}/${way}/${journal}`, acts: [...all, { ...last, afterMs }] }
}

function sceneNamed(name: string): Story {
  const scene = scenes[name]
  if (!scene) throw new Error(`There is no scene ${name}; there are: ${Object.keys(scenes).join(', ')}`)
  return { ...scene, seed: `crash ${name}` }
}

/** The story of a point by its seed; undefined for other seeds. */
export function pointOf(seed: string): Story | undefined {
  const [, scene, moment, way, journal] = /^crash (.+)\/(\d+)\/(once|each)\/(kept|lost)$/.exec(seed) ?? []
  if (!scene || !way || !journal) return undefined
  return storyAt({ scene, moment: Number(moment), way, journal })
}

/** Every boundary that the last controller of a scene passes, each in every way; `isWanted` may choose among them. */
export async function crashPoints(
  isWanted: (moment: number, passed: readonly string[]) => boolean = () => true,
): Promise<readonly Story[]> {
  const all: Story[] = []
  for (const scene of Object.keys(scenes)) {
    const { passed, violations } = await play(sceneNamed(scene))
    if (violations.length > 0) throw new Error(`${scene}, without a death: ${violations.join('; ')}`)
    const moments = passed.map((_, at) => at + 1).filter(moment => isWanted(moment, passed))
    for (const moment of moments)
      for (const way of ways)
        for (const journal of journals) all.push(storyAt({ scene, moment, way, journal }))
  }
  return all
}

/** The first boundary of each name. */
export function isFirst(moment: number, passed: readonly string[]): boolean {
  return passed.indexOf(passed[moment - 1] ?? '') === moment - 1
}
