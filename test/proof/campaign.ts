import { type ChildProcess, fork } from 'node:child_process'
import { join, resolve } from 'node:path'
import type { Outcome } from './play.ts'
import type { Story } from './story.ts'

export const checkout = resolve(import.meta.dirname, '../..')
/** A story that takes longer than this will never end. Unit: milliseconds. */
const storyWallMs = 60_000

/** Of this checkout, or of a tree that has the same. */
const playerFile = 'test/proof/player.ts'

type Seeded = Pick<Story, 'seed'>

export interface Campaign<S extends Seeded = Story> {
  readonly stories: Iterable<S>
  /** Processes that play beside each other. */
  readonly jobs: number
  /** Whose code plays; default this checkout. */
  readonly tree?: string
  /** What plays them, in that tree; default the player of {@link Story}. */
  readonly player?: string
  /** Gets each outcome as it comes; `enough` ends the campaign. */
  readonly onOutcome: (outcome: Outcome) => 'enough' | undefined
}

/** Plays all stories, spread over processes. A story whose process dies or hangs has failed. */
export async function campaign<S extends Seeded = Story>({
  stories,
  jobs,
  tree = checkout,
  player: file = playerFile,
  onOutcome,
}: Campaign<S>): Promise<void> {
  const rest = stories[Symbol.iterator]()
  let isEnough = false
  const line = async () => {
    let player: ChildProcess | undefined
    try {
      while (!isEnough) {
        const next = rest.next()
        if (next.done) return
        player = player?.connected ? player : open(join(tree, file))
        const outcome = await ask(player, next.value)
        if (!isEnough) isEnough = onOutcome(outcome) === 'enough'
      }
    } finally {
      player?.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: jobs }, line))
}

function open(file: string): ChildProcess {
  return fork(file, {
    // Infinity and sets are no JSON.
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

async function ask(player: ChildProcess, story: Seeded): Promise<Outcome> {
  const { promise, resolve: done } = Promise.withResolvers<Outcome>()
  let stderr = ''
  const fail = (words: string) => done(stillborn(story, words))
  const onData = (data: Buffer) => {
    stderr = `${stderr}${data}`.slice(-2_000)
  }
  const onExit = () => fail(`its process ended: ${stderr}`)
  const limit = setTimeout(() => {
    fail(`it did not end within ${storyWallMs / 1000} s`)
    player.kill('SIGKILL')
  }, storyWallMs)
  player.stderr?.on('data', onData)
  player.once('exit', onExit).once('message', done as (outcome: unknown) => void)
  player.send(story)
  try {
    return await promise
  } finally {
    clearTimeout(limit)
    player.stderr?.off('data', onData)
    player.off('exit', onExit).off('message', done)
  }
}

function stillborn({ seed }: Seeded, words: string): Outcome {
  return {
    seed,
    violations: [words],
    reached: new Set(),
    ...{ launches: 0, machines: 0, deaths: 0, faults: 0, leakedMinutes: 0, doubled: 0 },
    passed: [],
    log: [],
  }
}
