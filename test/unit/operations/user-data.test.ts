import { gunzipSync } from 'node:zlib'
import type { Capabilities, Market, RoleCredentials } from '@agentctl/contract'
import { expect, it } from 'vitest'
import { assemble } from '../../../src/config/assemble.ts'
import { parseConfig } from '../../../src/config/document.ts'
import type { Context } from '../../../src/operations/context.ts'
import type { GuestSecrets } from '../../../src/operations/guest-secrets.ts'
import { type Deliver, deliverInline } from '../../../src/operations/token-delivery.ts'
import { userDataMaker } from '../../../src/operations/user-data.ts'
import { capabilities, offering, poolPolicy, t0 } from '../fleet/build.ts'

interface Place {
  readonly market?: Market
  readonly cloud?: Capabilities['cloud']
  readonly roleCredentials?: RoleCredentials
  readonly secrets?: GuestSecrets
  readonly deliver?: Deliver
}

/** The script that a machine of such a place gets. */
async function scriptFor({
  market = 'on-demand',
  cloud,
  roleCredentials,
  secrets = { variables: [], files: [] },
  deliver = deliverInline,
}: Place): Promise<string> {
  const text = JSON.stringify({
    owner: 'acme',
    endpoint: 'hub.example',
    pools: { p: { provider: 'sim', spec: {} } },
    'agent-types': { 's1-x': { token: 'env:TOKEN', pools: ['p'] } },
  })
  const { settings } = assemble({
    document: parseConfig(text, 'agentctl.yml'),
    flags: {},
    env: {},
    userName: 'me',
    hostName: 'here',
  })
  const { p: pool } = settings.pools
  if (!pool) throw new Error('the pool is lost')
  const offerings = [offering('one', { market })]
  const policy = poolPolicy({
    capabilities: { ...capabilities, ...(cloud && { cloud }) },
    resolved: { guest: 'linux', offerings, details: {}, ...(roleCredentials && { roleCredentials }) },
  })
  const guests = new Map([['p', { pool, policy, agentCommand: [], downloads: undefined, secrets, deliver }]])
  const make = userDataMaker({ settings } as Context, new Map([['s1-x', 'the-token']]), guests)
  const made = await make({
    pool: 'p',
    agentType: 's1-x',
    units: [{ index: 0, name: 'agentctl-aaaa-0', attempt: 1 }],
    offering: offering('one', { market }),
    expiresAt: t0,
    intendedAt: t0,
  })
  return gunzipSync(made).toString()
}

it('a spot machine watches for the notice of its cloud, an on-demand machine does not', async () => {
  expect(await scriptFor({ market: 'spot', cloud: 'ec2' })).toContain('meta-data/spot/instance-action')
  expect(await scriptFor({ market: 'spot', cloud: 'gce' })).toContain('instance/preempted')
  expect(await scriptFor({ market: 'on-demand', cloud: 'ec2' })).not.toContain('spot/instance-action')
  expect(await scriptFor({ market: 'spot' })).not.toContain('notice()')
})

it('the guard closes what the cloud has besides the metadata service', async () => {
  expect(await scriptFor({ cloud: 'azure' })).toContain('168.63.129.16')
  expect(await scriptFor({ cloud: 'ec2' })).not.toContain('168.63.129.16')
})

it('jobs get the rights of the machine’s role where its spec lends them', async () => {
  const lent = await scriptFor({ cloud: 'ec2', roleCredentials: { profile: 'cache', region: 'eu-1' } })
  expect(lent).toContain('[profile cache]\nregion = eu-1\ncredential_process')
  expect(await scriptFor({ cloud: 'ec2' })).not.toContain('credential_process')
})

it('secrets of a person’s own reach the agent’s variables and the files of the machine', async () => {
  const secrets = {
    variables: ['CACHE_KEY=AKIDEXAMPLE'],
    files: [
      { path: '/home/semaphore/.aws/credentials', content: 'the key\n', mode: '0600', owner: 'semaphore' },
    ],
  }
  const script = await scriptFor({ secrets })
  expect(script).toMatch(/env-vars:\s+- "CACHE_KEY=AKIDEXAMPLE"/)
  expect(script).toContain(`printf '%s' 'the key\n' >'/home/semaphore/.aws/credentials'`)
})

it('a token that is delivered apart is asked for at the time of the launch, and not in user data', async () => {
  const asked: unknown[] = []
  const script = await scriptFor({
    deliver: async bootstrap => {
      asked.push(bootstrap.agentType, bootstrap.intendedAt)
      return { kind: 'presigned', url: 'https://bucket.example/token?signature=a' }
    },
  })
  expect(asked).toEqual(['s1-x', t0])
  expect(script).toContain('https://bucket.example/token?signature=a')
  expect(script).not.toContain('the-token')
  expect(await scriptFor({})).toContain('the-token')
})
