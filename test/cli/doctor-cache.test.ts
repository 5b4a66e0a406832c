import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { IAM } from '@aws-sdk/client-iam'
import { S3 } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enforced } from '../aws-cache/support.ts'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { startGce } from '../clouds/gce/index.ts'
import { createStores } from '../clouds/gce/storage.ts'
import { type Home, run } from '../support/cli.ts'
import { newRound, type Round } from '../support/round.ts'
import { missingSshd, type Sshd, startSshd } from '../support/sshd.ts'

interface Seen {
  readonly level: string
  readonly subject: string
  readonly message: string
  readonly fix?: string
}

/** What doctor says of the stores of the one pool. */
async function checksOf(home: Home, subject = 'cache') {
  const ended = await run(home, 'doctor', '--json')
  const { checks } = JSON.parse(ended.stdout) as { checks: readonly Seen[] }
  return { ...ended, found: checks.filter(check => check.subject === subject) }
}

let round: Round
beforeAll(async () => {
  round = await newRound()
  delete round.home.env.AGENTCTL_PROVIDER
})
afterAll(() => round[Symbol.asyncDispose]())

/** One pool, in a file that is both YAML and JSON. */
function configure(pool: object): Home {
  const text = JSON.stringify({ pools: { here: { provider: 'local', ...pool } } })
  writeFileSync(join(round.home.folder, 'agentctl.yml'), text)
  return round.home
}

describe('doctor, of variables that the cache tool would pass over in silence', () => {
  it.each<readonly [string, readonly string[], RegExp]>([
    ['no backend', ['SEMAPHORE_CACHE_S3_BUCKET=b'], /does nothing without SEMAPHORE_CACHE_BACKEND/],
    ['another backend', ['SEMAPHORE_CACHE_BACKEND=azure'], /no backend azure/],
    ['no bucket', ['SEMAPHORE_CACHE_BACKEND=s3'], /nothing without SEMAPHORE_CACHE_S3_BUCKET/],
    [
      'keys without a URL',
      ['SEMAPHORE_CACHE_BACKEND=s3', 'SEMAPHORE_CACHE_S3_BUCKET=b', 'SEMAPHORE_CACHE_S3_KEY=k'],
      /SEMAPHORE_CACHE_S3_KEY is passed over without SEMAPHORE_CACHE_S3_URL/,
    ],
    [
      'a closed metadata service',
      [
        'SEMAPHORE_CACHE_BACKEND=s3',
        'SEMAPHORE_CACHE_S3_BUCKET=b',
        'SEMAPHORE_CACHE_USE_EC2_INSTANCE_PROFILE=true',
      ],
      /asks the metadata service, which is closed/,
    ],
    [
      'half an SFTP',
      ['SEMAPHORE_CACHE_BACKEND=sftp', 'SEMAPHORE_CACHE_URL=h:22'],
      /without SEMAPHORE_CACHE_USERNAME, SEMAPHORE_CACHE_PRIVATE_KEY_PATH/,
    ],
  ])('%s', async (_, variables, words) => {
    const { code, found } = await checksOf(configure({ agent: { 'env-vars': variables } }))
    expect(found).toMatchObject([{ level: 'problem', message: words, fix: expect.any(String) }])
    expect(code).toBe(2)
  })

  it('and says nothing where no cache is asked for', async () => {
    expect(await checksOf(configure({}))).toMatchObject({ code: 0, found: [] })
  })
})

describe('config validate takes no secret of a cache in the file', () => {
  it.each([
    [{ agent: { 'env-vars': ['SEMAPHORE_CACHE_S3_SECRET=very-secret'] } }, 'secret-env-vars'],
    [
      { bootstrap: { files: [{ path: '/k', content: '-----BEGIN OPENSSH PRIVATE KEY-----\nvery-secret' }] } },
      'bootstrap.files[0].content: holds a private key',
    ],
  ])('%j', async (pool, words) => {
    const ended = await run(configure(pool), 'config', 'validate')
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining(words) })
    expect(ended.stderr).not.toContain('very-secret')
  })
})

const noSshd = missingSshd()

describe.skipIf(noSshd !== undefined)(`a cache by SFTP${noSshd ? ` (${noSshd})` : ''}`, () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd()
  }, 30_000)
  afterAll(() => sshd?.[Symbol.asyncDispose]())

  const pool = (change: Record<string, string> = {}) => {
    const variables = {
      SEMAPHORE_CACHE_BACKEND: 'sftp',
      SEMAPHORE_CACHE_URL: sshd.address,
      SEMAPHORE_CACHE_USERNAME: sshd.user,
      SEMAPHORE_CACHE_PRIVATE_KEY_PATH: sshd.key,
      ...change,
    }
    return { agent: { 'env-vars': Object.entries(variables).map(pair => pair.join('=')) } }
  }

  it('works: a file is written there, and gone again', async () => {
    const { code, found } = await checksOf(configure(pool()))
    const message = expect.stringContaining('written, listed and deleted')
    expect({ code, found }).toMatchObject({ code: 0, found: [{ level: 'ok', message }] })
    expect(sshd.leftovers()).toEqual([])
  })

  it.each<readonly [string, () => Record<string, string>, RegExp, number]>([
    [
      'another key',
      () => ({ SEMAPHORE_CACHE_PRIVATE_KEY_PATH: sshd.strangersKey }),
      /does not take the key/,
      10,
    ],
    ['no key', () => ({ SEMAPHORE_CACHE_PRIVATE_KEY_PATH: sshd.noKey }), /private key cannot be read/, 2],
    ['nobody there', () => ({ SEMAPHORE_CACHE_URL: '127.0.0.1:1' }), /does not answer/, 12],
    ['an address with a scheme', () => ({ SEMAPHORE_CACHE_URL: 'sftp:h' }), /not HOST:PORT/, 2],
  ])('that does not, tells why: %s', async (_, change, words, exit) => {
    const { code, found } = await checksOf(configure(pool(change())))
    expect(found).toMatchObject([{ level: 'problem', message: words, fix: expect.any(String) }])
    expect(code).toBe(exit)
  })

  it('whose key only the image may have is not proven', async () => {
    const { found } = await checksOf(configure(pool({ SEMAPHORE_CACHE_PRIVATE_KEY_PATH: '~/.ssh/cache' })))
    expect(found).toMatchObject([{ level: 'unproven', fix: expect.stringContaining('bootstrap.files') }])
  })
})

const noMoto = missingMoto()

describe.skipIf(noMoto !== undefined)(`a cache like S3${noMoto ? ` (${noMoto})` : ''}`, () => {
  let moto: Moto
  let s3: S3
  beforeAll(async () => {
    moto = await startMoto('eu-central-1')
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
    s3 = new S3({ region: 'eu-central-1', endpoint: moto.url, credentials })
    const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' as const }
    await s3.createBucket({ Bucket: 'acme-cache', CreateBucketConfiguration })
    Object.assign(round.home.env, { CACHE_S3_KEY: 'AKIDEXAMPLE', CACHE_S3_SECRET: 'the-secret-key' })
  }, 90_000)
  afterAll(async () => {
    s3?.destroy()
    await moto?.[Symbol.asyncDispose]()
  })

  const variables = (...more: readonly string[]) => [
    'SEMAPHORE_CACHE_BACKEND=s3',
    'SEMAPHORE_CACHE_S3_BUCKET=acme-cache',
    ...more,
  ]
  const keys = {
    SEMAPHORE_CACHE_S3_KEY: 'env:CACHE_S3_KEY',
    SEMAPHORE_CACHE_S3_SECRET: 'env:CACHE_S3_SECRET',
  }
  const compatible = () => ({
    agent: { 'env-vars': variables(`SEMAPHORE_CACHE_S3_URL=${moto.url}`) },
    'secret-env-vars': keys,
  })

  it('works with the keys of a compatible store, and nothing stays in it', async () => {
    const { code, found, stdout, stderr } = await checksOf(configure(compatible()))
    expect({ code, found }).toMatchObject({ code: 0, found: [{ level: 'ok', message: /s3 acme-cache/ }] })
    expect((await s3.listObjectsV2({ Bucket: 'acme-cache' })).KeyCount).toBe(0)
    expect(stdout + stderr).not.toContain('the-secret-key')
  })

  it('without its bucket, or with keys that the store does not take, says so', async () => {
    const { agent, ...rest } = compatible()
    const other = agent['env-vars'].map(one => one.replace('=acme-cache', '=acme-nothing'))
    const none = await checksOf(configure({ ...rest, agent: { 'env-vars': other } }))
    expect(none.found).toMatchObject([{ level: 'problem', message: /no such bucket/i }])

    await using _ = await enforced(moto)
    const refused = await checksOf(configure(compatible()))
    expect(refused.found).toMatchObject([{ level: 'problem', fix: /does not take them/ }])
    expect(refused.code).toBe(10)
  })

  it('works with the key that cache create makes, until its rights are taken away', async () => {
    const keyFile = join(round.home.folder, 'cache.credentials')
    const maker = { ...round.home, env: { ...round.home.env, ...moto.env } }
    const bucket = ['--provider', 'aws', '--bucket', 'acme-keyed', '--access', 'key', '--key-file', keyFile]
    expect(await run(maker, 'cache', 'create', ...bucket)).toMatchObject({ code: 0 })
    const taken = (key: string) => `command:sed -n 's/^${key} = //p' ${keyFile}`
    const own = [`AWS_ENDPOINT_URL=${moto.url}`, 'AWS_REGION=eu-central-1']
    const home = configure({
      agent: { 'env-vars': variables(...own).map(one => one.replace('=acme-cache', '=acme-keyed')) },
      'secret-env-vars': {
        AWS_ACCESS_KEY_ID: taken('aws_access_key_id'),
        AWS_SECRET_ACCESS_KEY: taken('aws_secret_access_key'),
      },
    })
    {
      await using _ = await enforced(moto)
      expect((await checksOf(home)).found).toMatchObject([{ level: 'ok', message: /s3 acme-keyed/ }])
    }
    const iam = new IAM({
      region: 'eu-central-1',
      endpoint: moto.url,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })
    const UserName = 'agentctl-cache-acme-keyed'
    const { PolicyNames: [PolicyName] = [] } = await iam.listUserPolicies({ UserName })
    await iam.deleteUserPolicy({ UserName, PolicyName })
    iam.destroy()
    await using _ = await enforced(moto)
    const { found, code } = await checksOf(home)
    const fix = /^Allow s3:PutObject on acme-keyed to the user whose keys jobs have/
    expect({ code, found }).toMatchObject({ code: 10, found: [{ level: 'problem', fix }] })
  }, 60_000)

  const ownKeys = { AWS_ACCESS_KEY_ID: 'env:CACHE_S3_KEY', AWS_SECRET_ACCESS_KEY: 'env:CACHE_S3_SECRET' }
  it.each<readonly [string, readonly string[], string, RegExp]>([
    ['of its region', ['AWS_REGION=eu-central-1'], 'ok', /written, read, listed and deleted/],
    ['of another region', ['AWS_REGION=us-west-2'], 'problem', /is in eu-central-1.*in us-west-2/],
    ['of no region', [], 'problem', /finds no region/],
  ])('with keys of AWS, asked for by jobs %s', async (_, more, level, message) => {
    const agent = { 'env-vars': variables(`AWS_ENDPOINT_URL=${moto.url}`, ...more) }
    const { found } = await checksOf(configure({ agent, 'secret-env-vars': ownKeys }))
    expect(found).toMatchObject([{ level, message }])
  })
})

describe.skipIf(noMoto !== undefined)(`machines at AWS${noMoto ? ` (${noMoto})` : ''}`, () => {
  let moto: Moto
  let s3: S3
  beforeAll(async () => {
    moto = await startMoto('eu-central-1')
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
    s3 = new S3({ region: 'eu-central-1', endpoint: moto.url, credentials })
    Object.assign(round.home.env, moto.env)
  }, 90_000)
  afterAll(async () => {
    s3?.destroy()
    for (const name of Object.keys(moto?.env ?? {})) delete round.home.env[name]
    await moto?.[Symbol.asyncDispose]()
  })

  const spec = { region: 'eu-central-1', image: 'ami-785db401', types: ['t3.micro'] }
  const makeBucket = (...args: readonly string[]) =>
    run(round.home, 'cache', 'create', '--provider', 'aws', '--bucket', ...args)

  it('whose role is for the cache: the bucket is looked at, and the rest is said to be unproven', async () => {
    const home = configure({ provider: 'aws', spec })
    expect(await makeBucket('acme-roled', '--write-config')).toMatchObject({ code: 0 })
    const { found } = await checksOf(home)
    expect(found).toMatchObject([{ level: 'unproven', message: /bucket acme-roled is there/ }])

    await s3.deleteBucket({ Bucket: 'acme-roled' })
    expect((await checksOf(home)).found).toMatchObject([{ level: 'problem', message: /no such bucket/ }])
  }, 60_000)

  it('whose token lies in a bucket: it gets there and back, and into no bucket that is open', async () => {
    const presigned = { 'token-delivery': 'presigned', 'token-bucket': 'acme-tokens' }
    const home = configure({ provider: 'aws', spec, ...presigned })
    const none = await checksOf(home, 'token bucket')
    expect(none.found).toMatchObject([{ level: 'unproven' }, { level: 'problem', fix: /cache create/ }])

    await makeBucket('acme-tokens', '--access', 'none', '--expire-days', '0')
    const { code, found, stdout } = await checksOf(home, 'token bucket')
    expect({ code, found }).toMatchObject({ code: 0, found: [{ level: 'ok' }, { level: 'ok' }] })
    expect(stdout).not.toContain(round.hub.token)

    const { Contents: [object] = [] } = await s3.listObjectsV2({ Bucket: 'acme-tokens' })
    await s3.deleteObject({ Bucket: 'acme-tokens', Key: object?.Key })
    await s3.deletePublicAccessBlock({ Bucket: 'acme-tokens' })
    const open = await checksOf(home, 'token bucket')
    expect(open.found).toMatchObject([{ level: 'problem', fix: /cache create .* closes it/ }])
    expect((await s3.listObjectsV2({ Bucket: 'acme-tokens' })).KeyCount).toBe(0)
  }, 60_000)
})

describe('a cache in Cloud Storage', () => {
  const stores = createStores()
  const email = 'cache@acme-project.iam.gserviceaccount.com'
  let gce: Awaited<ReturnType<typeof startGce>>
  beforeAll(async () => {
    gce = await startGce({}, () => [stores.service])
    Object.assign(round.home.env, gce.env)
    stores.buckets.set('acme-cache', { name: 'acme-cache', location: 'US' })
    stores.accounts.set(email, { keys: [] })
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = {
      type: 'service_account',
      client_email: email,
      private_key_id: 'k',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    }
    writeFileSync(join(round.home.folder, 'key.json'), JSON.stringify(key))
    writeFileSync(join(round.home.folder, 'no-key.json'), '{"type": "the-secret')
  })
  afterAll(() => gce?.[Symbol.asyncDispose]())

  const pool = (file: string) => ({
    agent: {
      'env-vars': [
        'SEMAPHORE_CACHE_BACKEND=gcs',
        'SEMAPHORE_CACHE_GCS_BUCKET=acme-cache',
        `GOOGLE_APPLICATION_CREDENTIALS=${join(round.home.folder, file)}`,
      ],
    },
  })

  it('works with the key that jobs have, once its account may use the bucket', async () => {
    const refused = await checksOf(configure(pool('key.json')))
    expect(refused.found).toMatchObject([{ level: 'problem', fix: expect.any(String) }])
    expect(refused.code).toBe(10)

    const members = [`serviceAccount:${email}`]
    stores.policies.set('acme-cache', {
      etag: 'x',
      bindings: [{ role: 'roles/storage.objectUser', members }],
    })
    const { code, found } = await checksOf(configure(pool('key.json')))
    expect({ code, found }).toMatchObject({ code: 0, found: [{ level: 'ok', message: /gcs acme-cache/ }] })
    expect(stores.objects.get('acme-cache')).toEqual([])
  })

  it('with a file that is no key, says so and repeats nothing of it', async () => {
    const { found, stdout } = await checksOf(configure(pool('no-key.json')))
    expect(found).toMatchObject([{ level: 'problem', message: /credentials cannot be used/ }])
    expect(stdout).not.toContain('the-secret')
  })

  it('without credentials that are known here is not proven', async () => {
    const { found } = await checksOf(configure(pool('nowhere.json')))
    expect(found).toMatchObject([{ level: 'unproven' }])
  })
})
