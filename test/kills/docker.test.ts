import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { containersOf, image, sharedEngine } from '../docker/engine.ts'
import { newRound } from '../support/round.ts'
import { deathsOn } from './deaths.ts'
import type { Scene } from './scene.ts'
import { play, queue } from './story.ts'

const engine = await sharedEngine()

/** With the host's network, the hub of this machine is 127.0.0.1 in the container too. */
const pool = {
  provider: 'docker',
  spec: { image, network: 'host' },
  agent: { binary: '/usr/local/bin/agent' },
}

async function newScene(): Promise<Scene> {
  const owner = `kills-${randomBytes(4).toString('hex')}`
  const round = await newRound(
    { jobs: queue(3) },
    // Providers that do not come with the command line are found in a checkout.
    { AGENTCTL_OWNER: owner, DOCKER_HOST: `unix://${engine.socket}`, NODE_ENV: 'development' },
  )
  const { home } = round
  delete home.env.AGENTCTL_PROVIDER
  writeFileSync(join(home.folder, 'agentctl.yml'), JSON.stringify({ pools: { here: pool } }))
  return {
    round,
    left: () => containersOf(engine, owner),
    elsewhere: () => ({
      ...home,
      env: { ...home.env, AGENTCTL_STATE_DIR: `${home.folder}/state/elsewhere` },
    }),
    [Symbol.asyncDispose]: () => round[Symbol.asyncDispose](),
  }
}

describe.skipIf(engine.missing !== undefined)(`a controller of containers ${engine.missing ?? ''}`, () => {
  // Stories mostly wait, so a few are told side by side.
  describe.concurrent('that dies', () => {
    it.for(deathsOn('docker'))('$name', { timeout: 400_000 }, async (death, context) => {
      await using scene = await newScene()
      await play(death, scene, context)
    })
  })
})
