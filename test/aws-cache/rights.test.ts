import {
  type Instance,
  isContractError,
  type Provider,
  type ResourceRef,
  type RightsRequest,
} from '@agentctl/contract'
import aws from '@agentctl/provider-aws'
import { EC2 } from '@aws-sdk/client-ec2'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { SSM } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Front, openFront } from '../clouds/aws/front.ts'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { rightOf } from './action.ts'
import { callOf, depsFor, type Env, enforced, type Keys, outOfBand, wishFor } from './support.ts'

const why = missingMoto()
const region = 'us-east-1'
const Version = '2012-10-17'
const scope = { account: 'default', region }
const cache = { bucket: 'acme-cache', access: 'role' } as const
const secrets = ['aws-ssm:/ci/token', 'aws-secretsmanager:ci/token']

interface Statement {
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly [key: string]: unknown
}

interface Policy {
  readonly Version: string
  readonly Statement: readonly Statement[]
}

/** What one class of calls does, from nothing to its end; whatever it says is answered. */
type Step = (provider: Provider, env: Env) => Promise<unknown>

describe.skipIf(why !== undefined)(`the rights at AWS${why ? ` (${why})` : ''}`, () => {
  let moto: Moto
  let front: Front
  let request: RightsRequest
  let ec2: EC2
  /** For what is done out of band. */
  let admin: Keys

  beforeAll(async () => {
    moto = await startMoto(region)
    front = await openFront(moto.url)
    admin = await userWith('admin', {
      Version,
      Statement: [{ Effect: 'Allow', Action: ['*'], Resource: ['*'] }],
    })
    const config = { region, endpoint: moto.url, credentials: admin }
    ec2 = new EC2(config)
    await new SSM(config).putParameter({ Name: '/ci/token', Type: 'SecureString', Value: 'x' })
    await new SSM(config).putParameter({ Name: '/ci/image', Type: 'String', Value: 'ami-785db401' })
    await new SecretsManager(config).createSecret({ Name: 'ci/token', SecretString: 'x' })
    const { iam, s3 } = outOfBand(moto, region, admin)
    await iam.createInstanceProfile({ InstanceProfileName: 'ci-profile' })
    await ec2.createKeyPair({ KeyName: 'ci-key' })
    await s3.createBucket({ Bucket: 'acme-tokens' })
    const { SecurityGroups: [group] = [] } = await ec2.describeSecurityGroups()
    const spec = {
      region,
      image: 'ssm:/ci/image',
      types: ['t3.micro'],
      market: ['spot', 'on-demand'],
      'offering-order': 'price',
      'key-name': 'ci-key',
      'instance-profile': 'ci-profile',
      'security-groups': [group?.GroupId],
    }
    request = {
      owner: 'acme',
      settings: {},
      specs: [spec],
      secrets,
      tokenBuckets: ['acme-tokens'],
      cache,
    }
  }, 90_000)
  afterAll(async () => {
    await front?.[Symbol.asyncDispose]()
    await moto?.[Symbol.asyncDispose]()
  })

  async function userWith(UserName: string, document: Policy): Promise<Keys> {
    const { iam } = outOfBand(moto, region, admin)
    await iam.createUser({ UserName })
    await iam.putUserPolicy({ UserName, PolicyName: 'all', PolicyDocument: JSON.stringify(document) })
    const { AccessKey } = await iam.createAccessKey({ UserName })
    return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
  }

  const policy = () => aws.rights?.(request).document as Policy
  const call = (env: Env) => callOf(depsFor(env))

  let isEnforced = false
  let launches = 0
  async function launched(provider: Provider, env: Env, market: 'spot' | 'on-demand'): Promise<Instance> {
    const resolved = await provider.resolve(provider.parseSpec(request.specs[0]), call(env))
    const offering = resolved.offerings.find(one => one.market === market)
    if (!offering) throw new Error(`no offering on ${market}`)
    const { instances } = await provider.launch(
      {
        launchId: `a${String(launches++).replace(/\d/g, digit => 'bcdefghijk'[Number(digit)] ?? '')}`.padEnd(
          26,
          'z',
        ),
        digest: 'd'.repeat(64),
        pool: 'linux',
        agentType: 's1-linux',
        offering,
        resolved,
        units: [{ index: 0, name: 'acme-machine-0', attempt: 1 }],
        userData: new Uint8Array([1]),
        expiry: { at: Date.now() + 3_600_000 },
      },
      call(env),
    )
    const [instance] = instances
    if (!instance) throw new Error('nothing was launched')
    return instance
  }

  const owned = (ResourceType: 'volume' | 'network-interface') => [
    { ResourceType, Tags: [{ Key: 'agentctl-owner', Value: 'acme' }] },
  ]

  /** What was left behind of a machine, made out of band. */
  async function leftBehind(): Promise<readonly ResourceRef[]> {
    const { VolumeId: disk = '' } = await ec2.createVolume({
      AvailabilityZone: `${region}a`,
      Size: 1,
      TagSpecifications: owned('volume'),
    })
    const { Subnets: [subnet] = [] } = await ec2.describeSubnets()
    const { NetworkInterface } = await ec2.createNetworkInterface({
      SubnetId: subnet?.SubnetId ?? '',
      TagSpecifications: owned('network-interface'),
    })
    return [
      { kind: 'disk', id: disk, scope },
      { kind: 'interface', id: NetworkInterface?.NetworkInterfaceId ?? '', scope },
    ]
  }

  const withCaches = async (env: Env, access: 'role' | 'key') => {
    const deps = depsFor(env)
    const store = await aws.openCache?.(deps)
    const wish = wishFor(cache.bucket, { access })
    await store?.create(wish, callOf(deps))
    const { s3 } = outOfBand(moto, region, admin)
    await s3.putObject({ Bucket: cache.bucket, Key: 'p/a', Body: 'x' })
    await s3.createMultipartUpload({ Bucket: cache.bucket, Key: 'p/b' })
    await store?.show({ bucket: cache.bucket }, callOf(deps))
    await store?.delete({ bucket: cache.bucket }, callOf(deps))
  }

  const withoutCache = async () => {
    const deps = depsFor(moto.env)
    await (await aws.openCache?.(deps))?.delete({ bucket: cache.bucket }, callOf(deps))
  }

  const steps: Readonly<Record<string, Step>> = {
    preflight: async (provider, env) => provider.preflight(provider.parseSpec(request.specs[0]), call(env)),
    life: async (provider, env) => {
      for (const market of ['on-demand', 'spot'] as const) {
        const instance = await launched(provider, env, market)
        await provider.mark?.(instance, { expiresAt: Date.now() + 60_000 }, call(env))
        await provider.mark?.(instance, { holdUntil: 0 }, call(env))
        await provider.consoleTail?.(instance, call(env))
        const all = await Array.fromAsync(provider.list(scope, {}, call(env)))
        const requests = all.filter(one => one.kind === 'spot-request')
        for (const ref of requests) await provider.terminate(ref, call(env))
        await provider.terminate(instance, call(env))
      }
    },
    leftovers: async (provider, env) => {
      for (const ref of await leftBehind()) await provider.terminate(ref, call(env))
    },
    secrets: async (_, env) => Promise.all(secrets.map(ref => aws.readSecret?.(ref, depsFor(env)))),
    tokens: async (provider, env) => {
      const place = { bucket: 'acme-tokens', agentType: 's1-linux' }
      const stored = await provider.tokens?.put(place, 'the-token', call(env))
      if (!stored) throw new Error('no token store')
      const url = await provider.tokens?.sign(stored, { signedAt: Date.now(), validMs: 60_000 })
      // Where it enforces rights, moto fails at signed URLs altogether.
      const answer = isEnforced ? undefined : await fetch(url ?? '')
      if (answer?.ok === false) throw new Error(`the guest gets ${await answer.text()}`)
    },
    cache: (_, env) => withCaches(env, 'role'),
  }

  const doing = async (step: Step, env: Env) => {
    const provider = await aws.open({ ...depsFor(env), settings: {} })
    try {
      return await step(provider, env)
    } finally {
      await provider.close()
    }
  }
  const throughFront = () => ({ ...moto.env, AWS_ENDPOINT_URL: front.url })

  /** The rights that each step takes, as seen on the way. */
  const taken = new Map<string, string>()

  it('are those of the calls that are made, and no others but what rides along with a call', async () => {
    for (const [name, step] of Object.entries(steps)) {
      const before = front.passed.length
      await doing(step, throughFront())
      for (const passed of front.passed.slice(before)) {
        const right = rightOf(passed)
        if (right !== undefined && !taken.has(right)) taken.set(right, name)
      }
    }
    const allowed = new Set(policy().Statement.flatMap(({ Action }) => Action))
    expect([...taken.keys()].filter(right => !allowed.has(right))).toEqual([])
    expect([...allowed].filter(right => !taken.has(right)).sort()).toEqual([
      'iam:PassRole',
      'iam:TagInstanceProfile',
      'iam:TagRole',
      's3:DeleteObjectVersion',
      's3:PutBucketTagging',
      's3:TagResource',
    ])
  }, 60_000)

  // moto looks at the actions, and at the resources of S3; other resources and all conditions it cannot tell.
  // A look at a bucket has a name of its own there, and deleting many objects is a right on the bucket.
  const ofMoto = ['s3:HeadBucket', 's3:DeleteObject']
  const asMotoReadsIt = ({ Statement }: Policy): Policy => ({
    Version,
    Statement: Statement.map(({ Condition: _, ...one }) => {
      if (!one.Action.some(action => action.startsWith('s3:'))) return { ...one, Resource: ['*'] }
      return one.Action.includes('s3:ListBucket') ? { ...one, Action: [...one.Action, ...ofMoto] } : one
    }),
  })
  const without = (right: string): Policy => ({
    Version,
    Statement: policy()
      .Statement.map(one => ({ ...one, Action: one.Action.filter(action => action !== right) }))
      .filter(one => one.Action.length > 0),
  })
  const envOf = ({ accessKeyId, secretAccessKey }: Keys) => ({
    ...moto.env,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  })

  it('suffice where they are enforced', async () => {
    const env = envOf(await userWith('controller', asMotoReadsIt(policy())))
    await using _ = await enforced(moto)
    isEnforced = true
    for (const step of Object.values(steps)) await doing(step, env)
    isEnforced = false
  }, 60_000)

  it.each([
    ['ec2:RunInstances', 'life'],
    ['ec2:TerminateInstances', 'life'],
    ['ec2:DescribeSubnets', 'preflight'],
    ['s3:PutObject', 'tokens'],
    ['s3:CreateBucket', 'cache'],
    ['iam:PutRolePolicy', 'cache'],
  ] as const)('do not suffice without %s', async (right, name) => {
    const env = envOf(await userWith(`without-${right.replace(':', '-')}`, asMotoReadsIt(without(right))))
    await using _ = await enforced(moto)
    await expect(doing(steps[name] as Step, env)).rejects.toMatchObject({ code: 'permission-denied' })
  })

  it('are named when they are missing, each of them', async () => {
    expect(taken.size).toBeGreaterThan(30)
    await withoutCache()
    const unnamed: string[] = []
    for (const [right, name] of taken) {
      // What a signed URL reads is the guest's to tell, and without a look at the regions other calls do.
      if (right === 's3:GetObject' || right === 'ec2:DescribeRegions') continue
      const message = `User: arn:aws:iam::1:user/u is not authorized to perform: ${right} on resource: *`
      front.decide(passed =>
        rightOf(passed) === right
          ? {
              error: {
                status: 403,
                code: right.startsWith('ec2:') ? 'UnauthorizedOperation' : 'AccessDenied',
                message,
              },
            }
          : undefined,
      )
      const step = steps[name]
      const said = await doing(step as Step, throughFront()).then(wordsOf, wordsOf)
      front.decide(() => undefined)
      if (name === 'cache') await withoutCache()
      if (!said.includes(right)) unnamed.push(`${right}: ${said.slice(0, 300)}`)
    }
    expect(unnamed).toEqual([])
  }, 120_000)
})

function wordsOf(said: unknown): string {
  if (!isContractError(said)) return said instanceof Error ? String(said) : JSON.stringify(said ?? '')
  return [said.code, said.message, said.hint, said.fault].join(' | ')
}
