import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Pool } from '../../../src/config/types.ts'
import { agentDownloads } from '../../../src/operations/agent-download.ts'
import type { Context } from '../../../src/operations/context.ts'

const digest = 'ab'.repeat(32)
const server = createServer((request, response) => {
  const isThere = request.url === '/v2.4.0/agent_checksums.txt'
  response.statusCode = isThere ? 200 : 404
  response.end(
    isThere ? `${digest}  agent_Linux_arm64.tar.gz\n${digest}  agent_Darwin_arm64.tar.gz\n` : 'no such file',
  )
})
let mirror = ''
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const context = { signal: new AbortController().signal } as Context
const downloadsOf = (agentSource: Pool['agentSource']) =>
  agentDownloads(context, { name: 'linux', agentSource } as Pool)

it('takes nothing where the image has its agent', async () => {
  expect(await downloadsOf({ binary: '/opt/agent' })).toBeUndefined()
})

it('takes a URL with its digest for every architecture', async () => {
  const download = { url: 'https://mirror.example/agent.tar.gz', sha256: digest }
  expect(await downloadsOf({ download: download.url, sha256: digest })).toEqual({
    x86_64: download,
    arm64: download,
  })
})

it("reads the digests of a mirror's release, for the architectures that it has", async () => {
  expect(await downloadsOf({ download: `${mirror}/v2.4.0/` })).toEqual({
    arm64: { url: `${mirror}/v2.4.0/agent_Linux_arm64.tar.gz`, sha256: digest },
  })
})

it('refuses a URL without a digest', async () => {
  await expect(downloadsOf({ download: 'https://mirror.example/agent.tar.gz' })).rejects.toMatchObject({
    code: 'invalid-spec',
  })
})

it('says which release it could not read', async () => {
  await expect(downloadsOf({ download: `${mirror}/v9.9.9/` })).rejects.toMatchObject({
    code: 'invalid-spec',
    message: expect.stringContaining('v9.9.9'),
  })
})
