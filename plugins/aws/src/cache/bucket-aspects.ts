import { hasCode } from '@agentctl/contract'
import { isNamed } from '../storage/errors.ts'
import type { LifecycleRule } from '../storage/sdk.ts'
import { type Aspect, absent, right, type Standing } from './aspect.ts'
import { asking, type CacheWork, ofBucket } from './place.ts'

/** What a bucket of a cache has to have besides its name and its owner. */
export function bucketAspects(work: CacheWork, expireDays: number | undefined): readonly Aspect[] {
  return [publicAccess(work), encryption(work), expiry(work, expireDays)]
}

/** A configuration that was never written is read as an error of its own name. */
async function unlessMissing(name: string, read: () => Promise<Standing>): Promise<Standing> {
  try {
    return await read()
  } catch (error) {
    if (!hasCode(error, 'unsupported') && isNamed((error as Error).cause, name)) return absent
    throw error
  }
}

function publicAccess(work: CacheWork): Aspect {
  const { s3, bucket } = work
  const closed = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  }
  const get = async (): Promise<Standing> => {
    const { PublicAccessBlockConfiguration: found = {} } = await asking(
      work,
      's3:GetBucketPublicAccessBlock',
      `reading the public access of ${bucket}`,
      options => s3.getPublicAccessBlock(ofBucket(work), options),
    )
    const open = Object.keys(closed).filter(key => found[key as keyof typeof closed] !== true)
    return open.length === 0
      ? right
      : { isThere: true, isRight: false, detail: `not set: ${open.join(', ')}` }
  }
  return {
    subject: 'public access',
    want: 'blocked by all four switches',
    read: () => unlessMissing('NoSuchPublicAccessBlockConfiguration', get),
    async write() {
      await asking(work, 's3:PutBucketPublicAccessBlock', `closing ${bucket} to the public`, options =>
        s3.putPublicAccessBlock({ ...ofBucket(work), PublicAccessBlockConfiguration: closed }, options),
      )
    },
  }
}

/** Any encryption at rest is right: a key of one's own may be wanted. */
function encryption(work: CacheWork): Aspect {
  const { s3, bucket } = work
  const get = async (): Promise<Standing> => {
    const { ServerSideEncryptionConfiguration: found } = await asking(
      work,
      's3:GetEncryptionConfiguration',
      `reading the encryption of ${bucket}`,
      options => s3.getBucketEncryption(ofBucket(work), options),
    )
    const isOn = found?.Rules?.some(rule => rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm) ?? false
    return isOn ? right : absent
  }
  const rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }]
  return {
    subject: 'encryption',
    want: 'at rest',
    read: () => unlessMissing('ServerSideEncryptionConfigurationNotFoundError', get),
    async write() {
      await asking(work, 's3:PutEncryptionConfiguration', `encrypting ${bucket}`, options =>
        s3.putBucketEncryption(
          { ...ofBucket(work), ServerSideEncryptionConfiguration: { Rules: rules } },
          options,
        ),
      )
    },
  }
}

const ruleId = 'agentctl-expiry'

/** `expireDays` undefined: whatever is there is right, since nobody said what is wanted. */
function expiry(work: CacheWork, expireDays: number | undefined): Aspect {
  const { s3, bucket } = work
  const rules = async (): Promise<readonly LifecycleRule[]> => {
    const { Rules = [] } = await asking(
      work,
      's3:GetLifecycleConfiguration',
      `reading the lifecycle of ${bucket}`,
      options => s3.getBucketLifecycleConfiguration(ofBucket(work), options),
    ).catch((error: Error) => {
      if (isNamed(error.cause, 'NoSuchLifecycleConfiguration')) return { Rules: [] }
      throw error
    })
    return Rules
  }
  return {
    subject: 'expiry',
    want: wantedExpiry(expireDays),
    async read() {
      const ours = (await rules()).find(rule => rule.ID === ruleId)
      if (!ours) return absent
      const days = ours.Expiration?.Days ?? 0
      const isOn = ours.Status === 'Enabled' && ours.AbortIncompleteMultipartUpload?.DaysAfterInitiation === 1
      const isRight = isOn && (expireDays === undefined || days === expireDays)
      return { isThere: true, isRight, detail: isOn ? wantedExpiry(days) : 'switched off' }
    },
    async write() {
      const others = (await rules()).filter(rule => rule.ID !== ruleId)
      const wanted = [...others, ruleFor(expireDays ?? 0)]
      await asking(work, 's3:PutLifecycleConfiguration', `setting the lifecycle of ${bucket}`, options =>
        s3.putBucketLifecycleConfiguration(
          { ...ofBucket(work), LifecycleConfiguration: { Rules: wanted } },
          options,
        ),
      )
    },
  }
}

function wantedExpiry(days: number | undefined): string {
  if (days === undefined) return 'a rule for old objects'
  return days === 0 ? 'objects are kept; broken uploads go after a day' : `objects go after ${days} days`
}

/** Parts of uploads that were cut off are billed and never seen: they go after a day. */
function ruleFor(days: number): LifecycleRule {
  return {
    ID: ruleId,
    Status: 'Enabled',
    Filter: { Prefix: '' },
    ...(days > 0 && { Expiration: { Days: days } }),
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
  }
}
