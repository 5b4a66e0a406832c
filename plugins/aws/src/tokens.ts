import {
  contractError,
  type ProviderDeps,
  type SigningWindow,
  type StoredToken,
  type TokenStore,
} from '@agentctl/contract'
import { accessOf } from './storage/config.ts'
import { ask, isNamed, toContractError } from './storage/errors.ts'
import { accountOf, openS3, type S3, signGet } from './storage/sdk.ts'

/** Longest life of a signed URL. Source: "Presigned URLs", S3 user guide, 2026-11. Unit: seconds. */
const validSecondsMax = 7 * 24 * 3600
/** With less left of the credentials no machine boots. Unit: milliseconds. */
const leastLeftMs = 180_000

/** Registration tokens as objects in S3, behind URLs that are signed with the controller's own credentials. */
export function tokenStore(deps: ProviderDeps): TokenStore {
  const { owner, clock, log } = deps
  const access = accessOf(deps)
  const clients = new Map<string, Promise<S3>>()
  const clientFor = (region: string) => {
    const client = clients.get(region) ?? openS3(access, { region })
    clients.set(region, client)
    return client
  }
  return {
    async put({ bucket, agentType }, token, { signal }) {
      const anywhere = await openS3(access, {})
      const what = `uploading the token of ${agentType} to ${bucket}`
      try {
        const account = await ask({ what, right: 'sts:GetCallerIdentity', signal }, () =>
          accountOf(access, {}, signal),
        )
        const own = { Bucket: bucket, ExpectedBucketOwner: account }
        const region = await ask({ what, right: `s3:ListBucket on ${bucket}`, signal }, () =>
          regionOf(anywhere, own, signal),
        )
        const s3 = await clientFor(region)
        const key = `agentctl/${owner}/${agentType}`
        const object = { ...own, Key: key, Body: token, ContentType: 'text/plain' }
        await ask({ what, right: `s3:PutObject on ${bucket}/agentctl/${owner}/*`, signal }, () =>
          s3.putObject(object, { abortSignal: signal }),
        )
        return { bucket, region, key }
      } finally {
        anywhere.destroy()
      }
    },
    async sign({ bucket, region, key }: StoredToken, window: SigningWindow) {
      const validSeconds = Math.ceil(window.validMs / 1000)
      if (validSeconds > validSecondsMax) {
        throw contractError('invalid-spec', 'A signed URL is good for a week at most', {
          hint: 'Make timeouts.boot and timeouts.agent shorter than a week together.',
        })
      }
      const s3 = await clientFor(region)
      await assertLasting(s3, window)
      const signedAt = new Date(Math.floor(window.signedAt / 1000) * 1000)
      return signGet(s3, { Bucket: bucket, Key: key }, { signedAt, validSeconds })
    },
  }

  /** A URL ends with the credentials that signed it. New ones come minutes before the old ones end. */
  async function assertLasting(s3: S3, { signedAt, validMs }: SigningWindow): Promise<void> {
    const until = signedAt + validMs
    const ends = async (forceRefresh: boolean) => {
      const { expiration } = await ask({ what: 'reading credentials', right: 'any' }, () =>
        s3.config.credentials({ forceRefresh }),
      )
      return expiration?.getTime() ?? Number.POSITIVE_INFINITY
    }
    if ((await ends(false)) >= until) return
    const last = await ends(true)
    if (last >= until) return
    const leftMs = last - clock.now()
    if (leftMs < leastLeftMs) {
      throw contractError(
        'unavailable',
        `The AWS credentials end in ${Math.max(0, Math.round(leftMs / 1000))} s`,
        {
          hint: 'Log in anew, unless they are renewed by themselves.',
        },
      )
    }
    log.debug('A signed URL ends with the credentials, before its own time', {
      seconds: Math.round(leftMs / 1000),
    })
  }
}

async function regionOf(
  s3: S3,
  own: { Bucket: string; ExpectedBucketOwner: string },
  signal: AbortSignal,
): Promise<string> {
  try {
    const { BucketRegion } = await s3.headBucket(own, { abortSignal: signal })
    return BucketRegion ?? (await s3.config.region())
  } catch (error) {
    const what = `looking for the bucket ${own.Bucket}`
    if (isNamed(error, 'NotFound', 'NoSuchBucket')) {
      throw contractError('invalid-spec', `There is no bucket ${own.Bucket} for tokens`, {
        hint: `agentctl cache create --provider aws --bucket ${own.Bucket} --access none --expire-days 0 makes one.`,
        cause: error,
      })
    }
    const found = toContractError(error, what, `s3:ListBucket on ${own.Bucket}`)
    if (found.code !== 'permission-denied') throw found
    throw contractError('not-owned', `The bucket ${own.Bucket} is not open to these credentials`, {
      hint: `It belongs to another account, or the right s3:ListBucket on ${own.Bucket} is missing.`,
      cause: error,
    })
  }
}
