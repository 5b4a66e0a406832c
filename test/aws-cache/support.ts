import type { CacheStore, CacheWish, Call, ProviderDeps } from '@agentctl/contract'
import aws from '@agentctl/provider-aws'
import { IAM } from '@aws-sdk/client-iam'
import { S3 } from '@aws-sdk/client-s3'
import { STS } from '@aws-sdk/client-sts'
import { systemClock } from '../../src/effects/clock.ts'
import { textLog } from '../../src/effects/log.ts'
import type { Moto } from '../clouds/aws/moto.ts'

export type Env = Readonly<Record<string, string>>

/** What a module gets, with a log whose lines can be read. */
export function depsFor(env: Env, owner = 'acme'): ProviderDeps & { readonly lines: readonly string[] } {
  const lines: string[] = []
  const log = textLog(line => lines.push(line), true)
  return { owner, settings: undefined, env, clock: systemClock, random: { next: () => 0.5 }, log, lines }
}

export function callOf({ log }: ProviderDeps): Call {
  return { signal: AbortSignal.timeout(30_000), deadlineMs: Date.now() + 30_000, log }
}

export async function withCache<T>(
  env: Env,
  work: (store: CacheStore, call: Call) => Promise<T>,
  owner = 'acme',
): Promise<T> {
  const deps = depsFor(env, owner)
  const store = await aws.openCache?.(deps)
  if (!store) throw new Error('the module has no caches')
  try {
    return await work(store, callOf(deps))
  } finally {
    await store.close()
  }
}

export function wishFor(bucket: string, change: Partial<CacheWish> = {}): CacheWish {
  return { bucket, access: 'role', expireDays: 30, ...change }
}

export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Clients of a test's own, out of band. */
export function outOfBand({ url, env }: Moto, region = 'eu-central-1', keys?: Keys) {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = env
  const config = { region, endpoint: url, credentials: keys ?? { accessKeyId, secretAccessKey } }
  return { s3: new S3(config), iam: new IAM(config), sts: new STS(config) }
}

/** Credentials of another account. */
export async function strangerAt(moto: Moto): Promise<Keys> {
  const { Credentials: found } = await outOfBand(moto).sts.assumeRole({
    RoleArn: 'arn:aws:iam::999999999999:role/stranger',
    RoleSessionName: 'stranger',
  })
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = found ?? {}
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
}

/** From here on moto looks at keys and policies, until it is disposed of. */
export async function enforced({ url }: Moto): Promise<AsyncDisposable> {
  const after = (calls: number) =>
    fetch(`${url}/moto-api/reset-auth`, { method: 'POST', body: String(calls) })
  await after(0)
  return { [Symbol.asyncDispose]: async () => void (await after(1_000_000)) }
}
