import type { Instance, Provider, ResourceRef, RightsRequest } from '@agentctl/contract'
import aws from '@agentctl/provider-aws'
import { EC2 } from '@aws-sdk/client-ec2'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { SSM } from '@aws-sdk/client-ssm'
import type { Moto } from '../clouds/aws/moto.ts'
import { callOf, depsFor, type Env, type Keys, outOfBand, wishFor } from './support.ts'

const bucket = 'acme-cache'
const secrets = ['aws-ssm:/ci/token', 'aws-secretsmanager:ci/token']

/** What one class of calls does, from nothing to its end; whatever it says is answered. */
export type Step = (provider: Provider, env: Env) => Promise<unknown>

const call = (env: Env) => callOf(depsFor(env))

/** What has to be there before: secrets, a profile, a key pair, a bucket for tokens. `as`: who makes it. */
export async function prepare(moto: Moto, as: Keys): Promise<RightsRequest> {
  const config = { region: moto.region, endpoint: moto.url, credentials: as }
  const [ec2, ssm] = [new EC2(config), new SSM(config)]
  await ssm.putParameter({ Name: '/ci/token', Type: 'SecureString', Value: 'x' })
  await ssm.putParameter({ Name: '/ci/image', Type: 'String', Value: 'ami-785db401' })
  await new SecretsManager(config).createSecret({ Name: 'ci/token', SecretString: 'x' })
  const { iam, s3 } = outOfBand(moto, moto.region, as)
  await iam.createInstanceProfile({ InstanceProfileName: 'ci-profile' })
  await ec2.createKeyPair({ KeyName: 'ci-key' })
  await s3.createBucket({ Bucket: 'acme-tokens' })
  const { SecurityGroups: [group] = [] } = await ec2.describeSecurityGroups()
  const spec = {
    region: moto.region,
    image: 'ssm:/ci/image',
    types: ['t3.micro'],
    market: ['spot', 'on-demand'],
    'offering-order': 'price',
    'key-name': 'ci-key',
    'instance-profile': 'ci-profile',
    'security-groups': [group?.GroupId],
  }
  const tokenBuckets = ['acme-tokens']
  return {
    owner: 'acme',
    settings: {},
    specs: [spec],
    secrets,
    tokenBuckets,
    cache: { bucket, access: 'role' },
  }
}

/** Everything that is ever asked of AWS, step by step. `admin` acts out of band. */
export function lifeOn(moto: Moto, admin: Keys, spec: unknown): Readonly<Record<string, Step>> {
  const scope = { account: 'default', region: moto.region }
  return {
    preflight: async (provider, env) => provider.preflight(provider.parseSpec(spec), call(env)),
    machines: async (provider, env) => {
      for (const market of ['on-demand', 'spot'] as const) {
        const instance = await launched(provider, env, spec, market)
        await provider.mark?.(instance, { expiresAt: Date.now() + 60_000 }, call(env))
        await provider.mark?.(instance, { holdUntil: 0 }, call(env))
        await provider.consoleTail?.(instance, call(env))
        const all = await Array.fromAsync(provider.list(scope, {}, call(env)))
        const requests = all.filter(one => one.kind === 'spot-request')
        for (const ref of [...requests, instance]) await provider.terminate(ref, call(env))
      }
    },
    leftovers: async (provider, env) => {
      for (const ref of await leftBehind(moto, admin)) await provider.terminate(ref, call(env))
    },
    secrets: async (_, env) => Promise.all(secrets.map(ref => aws.readSecret?.(ref, depsFor(env)))),
    tokens: async (provider, env) => {
      const place = { bucket: 'acme-tokens', agentType: 's1-linux' }
      const stored = await provider.tokens?.put(place, 'the-token', call(env))
      return stored && provider.tokens?.sign(stored, { signedAt: Date.now(), validMs: 60_000 })
    },
    cache: (_, env) => cacheLife(moto, admin, env, 'role'),
  }
}

let launches = 0

async function launched(
  provider: Provider,
  env: Env,
  spec: unknown,
  market: 'spot' | 'on-demand',
): Promise<Instance> {
  const resolved = await provider.resolve(provider.parseSpec(spec), call(env))
  const offering = resolved.offerings.find(one => one.market === market)
  if (!offering) throw new Error(`no offering on ${market}`)
  const letters = [...String(launches++)].map(digit => 'bcdefghijk'[Number(digit)]).join('')
  const { instances } = await provider.launch(
    {
      launchId: `a${letters}`.padEnd(26, 'z'),
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

/** What is left of a machine whose end went wrong. */
async function leftBehind({ url, region }: Moto, admin: Keys): Promise<readonly ResourceRef[]> {
  const ec2 = new EC2({ region, endpoint: url, credentials: admin })
  const owned = (ResourceType: 'volume' | 'network-interface') => ({
    TagSpecifications: [{ ResourceType, Tags: [{ Key: 'agentctl-owner', Value: 'acme' }] }],
  })
  const volume = await ec2.createVolume({ AvailabilityZone: `${region}a`, Size: 1, ...owned('volume') })
  const { Subnets: [subnet] = [] } = await ec2.describeSubnets()
  const SubnetId = subnet?.SubnetId ?? ''
  const { NetworkInterface } = await ec2.createNetworkInterface({ SubnetId, ...owned('network-interface') })
  const scope = { account: 'default', region }
  return [
    { kind: 'disk', id: volume.VolumeId ?? '', scope },
    { kind: 'interface', id: NetworkInterface?.NetworkInterfaceId ?? '', scope },
  ]
}

/** A cache from nothing to nothing. */
export async function cacheLife(moto: Moto, admin: Keys, env: Env, access: 'role' | 'key'): Promise<void> {
  const store = await aws.openCache?.(depsFor(env))
  await store?.create(wishFor(bucket, { access }), call(env))
  const { s3 } = outOfBand(moto, moto.region, admin)
  await s3.putObject({ Bucket: bucket, Key: 'p/a', Body: 'x' })
  await s3.createMultipartUpload({ Bucket: bucket, Key: 'p/b' })
  await store?.show({ bucket }, call(env))
  await store?.delete({ bucket }, call(env))
}

/** What a life that was cut short left of its cache. */
export async function clearCache(env: Env): Promise<void> {
  await (await aws.openCache?.(depsFor(env)))?.delete({ bucket }, call(env))
}
