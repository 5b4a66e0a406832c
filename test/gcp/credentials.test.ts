import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newGceRound } from '../clouds/gce/round.ts'
import { run } from '../support/cli.ts'
import { json, loopback } from '../support/loopback.ts'

/** A command that reads; its environment has no credentials but those of the test. */
async function listed(credentials: (folder: string) => Record<string, string>) {
  await using round = await newGceRound({ hub: {} })
  const { GCE_METADATA_HOST: _, METADATA_SERVER_DETECTION: __, ...env } = round.home.env
  const home = {
    ...round.home,
    env: { ...env, METADATA_SERVER_DETECTION: 'none', ...credentials(round.home.folder) },
    [Symbol.dispose]: () => undefined,
  }
  return await run(home, 'instances', 'list', '--json')
}

describe('credentials', () => {
  it('of a federated workload need no key', async () => {
    const bodies: string[] = []
    await using sts = await loopback((request, response) => {
      request.on('data', data => bodies.push(String(data)))
      request.on('end', () =>
        json(response, {
          access_token: 'federated-token',
          issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          token_type: 'Bearer',
          expires_in: 3600,
        }),
      )
    })
    const ended = await listed(folder => {
      const [file, subject] = [join(folder, 'credentials.json'), join(folder, 'subject')]
      writeFileSync(subject, 'token-of-the-workload')
      const pool = 'projects/1/locations/global/workloadIdentityPools/p/providers/q'
      writeFileSync(
        file,
        JSON.stringify({
          type: 'external_account',
          audience: `//iam.googleapis.com/${pool}`,
          subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
          token_url: `http://${sts.endpoint}/v1/token`,
          credential_source: { file: subject },
        }),
      )
      return { GOOGLE_APPLICATION_CREDENTIALS: file }
    })
    expect(ended).toMatchObject({ code: 0 })
    expect(JSON.parse(ended.stdout)).toMatchObject({ instances: [], unknown: [] })
    expect(bodies.join()).toContain('token-of-the-workload')
  })

  it('that are given as a token are taken as they are', async () => {
    const ended = await listed(() => ({ GOOGLE_OAUTH_ACCESS_TOKEN: 'given-token' }))
    expect(ended).toMatchObject({ code: 0 })
  })

  it('that are missing are said to be', async () => {
    const ended = await listed(() => ({}))
    expect(ended.code).not.toBe(0)
    expect(ended.stdout + ended.stderr).toContain('No credentials for Google Cloud')
  })
})
