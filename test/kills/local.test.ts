import { describe, it } from 'vitest'
import { instanceFolders, newRound } from '../support/round.ts'
import { deathsOn } from './deaths.ts'
import type { Scene } from './scene.ts'
import { play, queue } from './story.ts'

async function newScene(): Promise<Scene> {
  const round = await newRound({ jobs: queue(3) })
  const { home } = round
  return {
    round,
    left: () => instanceFolders(round),
    elsewhere: () => ({
      ...home,
      env: { ...home.env, AGENTCTL_STATE_DIR: `${home.folder}/state/elsewhere` },
    }),
    [Symbol.asyncDispose]: () => round[Symbol.asyncDispose](),
  }
}

// Stories mostly wait, so a few are told side by side.
describe.concurrent('a controller of processes that dies', () => {
  it.for(deathsOn('local'))('$name', { timeout: 400_000 }, async (death, context) => {
    await using scene = await newScene()
    await play(death, scene, context)
  })
})
