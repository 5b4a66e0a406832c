import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { makeAcquainted, setStage, subnetsOf } from '../clouds/aws/stage.ts'
import { deathsOn } from './deaths.ts'
import type { Scene } from './scene.ts'
import { play, queue } from './story.ts'

const missing = missingMoto()
let moto: Moto
let subnets: readonly string[]
beforeAll(async () => {
  if (missing !== undefined) return
  moto = await startMoto()
  subnets = await subnetsOf(moto)
})
afterAll(() => moto?.[Symbol.asyncDispose]())

async function newScene(): Promise<Scene> {
  const stage = await setStage(moto, subnets, { hub: { jobs: queue(8) } })
  const { round, owner } = stage
  return {
    round,
    left: async () => (await stage.left()).map(({ kind, id }) => `${kind} ${id}`),
    elsewhere() {
      const { home } = round
      const env = { ...home.env, AGENTCTL_STATE_DIR: `${home.folder}/state/elsewhere` }
      makeAcquainted({ ...home, env }, owner)
      return { ...home, env }
    },
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}

describe.skipIf(missing !== undefined)(`a controller of EC2 instances ${missing ?? ''}`, () => {
  // Stories mostly wait, so a few are told side by side.
  describe.concurrent('that dies', () => {
    it.for(deathsOn('aws'))('$name', { timeout: 400_000 }, async (death, context) => {
      await using scene = await newScene()
      await play(death, scene, context)
    })
  })
})
