import { expect, it } from 'vitest'
import { assemble } from '../../../src/config/assemble.ts'
import { parseConfig } from '../../../src/config/document.ts'
import { resolveSecret } from '../../../src/config/index.ts'
import type { SecretRef } from '../../../src/config/types.ts'
import { guestSecretsOf } from '../../../src/operations/guest-secrets.ts'

const env = {
  CACHE_KEY: 'AKIDEXAMPLE',
  CACHE_SECRET: 'wJalr/UtnFEMI+bPx',
  PADDED: 'c2VjcmV0==',
  LINES: 'a\nb',
}
const read = (ref: SecretRef) =>
  resolveSecret(ref, {
    env,
    readFile: async () => '[semaphore-cache]\naws_access_key_id = AKIDEXAMPLE\n',
    run: async () => '',
    viaProvider: async () => '',
  })

function poolOf(section: object) {
  const text = JSON.stringify({ owner: 'acme', pools: { p: { provider: 'sim', ...section } } })
  const document = parseConfig(text, 'agentctl.yml')
  const { settings } = assemble({
    document,
    flags: {},
    env: {},
    userName: 'a',
    hostName: 'b',
    needsEndpoint: false,
  })
  const { p: pool } = settings.pools
  if (!pool) throw new Error('the pool is lost')
  return pool
}

it('variables and files get what their references stand for, beside what is written out', async () => {
  const pool = poolOf({
    'secret-env-vars': { CACHE_S3_KEY: 'env:CACHE_KEY', CACHE_S3_SECRET: 'env:CACHE_SECRET' },
    bootstrap: {
      files: [
        { path: '/etc/motd', content: 'hello' },
        { path: '/home/semaphore/.aws/credentials', from: 'file:key', mode: '0600', owner: 'semaphore' },
      ],
    },
  })
  expect(await guestSecretsOf(pool, read)).toEqual({
    variables: ['CACHE_S3_KEY=AKIDEXAMPLE', 'CACHE_S3_SECRET=wJalr/UtnFEMI+bPx'],
    files: [
      { path: '/etc/motd', content: 'hello', mode: '0644', owner: 'root' },
      {
        path: '/home/semaphore/.aws/credentials',
        content: '[semaphore-cache]\naws_access_key_id = AKIDEXAMPLE\n',
        mode: '0600',
        owner: 'semaphore',
      },
    ],
  })
})

it.each(['env:PADDED', 'env:LINES'])(
  'a secret that the agent could not read as a variable is refused unsaid: %s',
  async ref => {
    const reading = guestSecretsOf(poolOf({ 'secret-env-vars': { NAME: ref } }), read)
    await expect(reading).rejects.toMatchObject({
      code: 'invalid-spec',
      message: expect.stringContaining(`${ref} cannot be the variable NAME`),
    })
    await expect(reading).rejects.not.toMatchObject({ message: expect.stringContaining('c2Vj') })
  },
)

it('a secret that is not there is told by its reference', async () => {
  const reading = guestSecretsOf(poolOf({ 'secret-env-vars': { NAME: 'env:NOT_SET' } }), read)
  await expect(reading).rejects.toMatchObject({ code: 'unauthenticated', message: /env:NOT_SET is empty/ })
})
