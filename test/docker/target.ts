import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ResourceRef } from '@agentctl/contract'
import type { ConformanceTarget } from '@agentctl/contract/testing'
import docker from '@agentctl/provider-docker'
import { afterAll } from 'vitest'
import { clock, eventually, silentLog } from '../local/support.ts'
import { ask, containersOf, image, type TestEngine } from './engine.ts'
import { startProxy } from './proxy.ts'

/** The provider on the engine, through a proxy that makes faults; out of band it is the engine itself. */
export async function dockerTarget(engine: TestEngine): Promise<ConformanceTarget> {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-docker-proxy-'))
  const proxy = await startProxy(engine, join(folder, 'docker.sock'))
  const foreign: string[] = []
  afterAll(async () => {
    for (const id of foreign) await ask(engine, 'DELETE', `/containers/${id}?force=1&v=1`)
    proxy.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const env = { DOCKER_HOST: `unix://${proxy.socket}` }
  const inspect = async ({ id }: ResourceRef) => (await ask(engine, 'GET', `/containers/${id}/json`)).json
  const full = 'write /data: no space left on device'
  return {
    name: 'docker',
    open: owner =>
      docker.open({ owner, settings: {}, clock, random: { next: Math.random }, log: silentLog, env }),
    spec: { image, network: 'host', env: { COLOUR: 'blue' }, 'stop-grace': '2s' },
    clock,
    runsUserData: true,
    goneWithinMs: 20_000,
    caseTimeoutMs: 60_000,
    faults: {
      loseNextLaunchReply: () => proxy.arm({ match: /^POST \/containers\/create/, act: { do: 'lose' } }),
      failNextLaunch: () =>
        proxy.arm({ match: /^POST .*\/start$/, act: { do: 'answer', status: 500, message: full } }),
      shortNextLaunch: count =>
        proxy.arm({
          match: /^POST .*\/start$/,
          act: { do: 'answer', status: 500, message: full },
          skip: count,
          times: 3,
        }),
      hangNextLaunch: () => proxy.arm({ match: /^POST \/containers\/create/, act: { do: 'hang' } }),
      failListMidway: () => proxy.arm({ match: /^GET \/containers\/json/, act: { do: 'cut' } }),
      throttleNextCall: () =>
        proxy.arm({ match: /./, act: { do: 'answer', status: 429, message: 'slow down' } }),
      rejectNextCredentials: () =>
        proxy.arm({ match: /./, act: { do: 'answer', status: 401, message: 'who are you' } }),
      unmapState: () => {
        const edit = (body: string) => body.replace('"State":"running"', '"State":"hibernating"')
        proxy.arm({ match: /^GET \/containers\/json/, act: { do: 'edit', edit }, times: 1 })
      },
    },
    outOfBand: {
      left: owner => containersOf(engine, owner),
      createForeign: async () => {
        const { json } = await ask(engine, 'POST', '/containers/create', {
          Image: image,
          Entrypoint: ['sleep', '60'],
          HostConfig: { NetworkMode: 'host' },
        })
        foreign.push(json.Id)
        await ask(engine, 'POST', `/containers/${json.Id}/start`)
        return { kind: 'instance', id: json.Id, scope: { account: 'here', region: 'docker' } }
      },
      exists: async ref => (await inspect(ref))?.State.Running === true,
      userDataOf: async ref => userDataIn(proxy.archives.get((await inspect(ref)).Id)),
      powerOff: async ref => {
        await eventually(`${ref.id} off`, async () => {
          await ask(engine, 'POST', `/containers/${ref.id}/kill?signal=TERM`)
          return (await inspect(ref)).State.Running === false
        })
      },
    },
  }
}

/** The file in the tar archive that the engine unpacked. */
function userDataIn(archive: Buffer = Buffer.alloc(0)): Uint8Array {
  for (let at = 0; at + 512 <= archive.length; ) {
    const name = archive.toString('ascii', at, archive.indexOf(0, at))
    const size = Number.parseInt(archive.toString('ascii', at + 124, at + 135), 8) || 0
    if (name.endsWith('/user-data')) return archive.subarray(at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
  }
  return new Uint8Array()
}
