import { contractError, hasCode } from '@agentctl/contract'
import { isNamed, statusOf, toContractError } from '../storage/errors.ts'
import { hasOwnerTag, ownerTag } from './names.ts'
import { asking, type CacheWork, ofBucket } from './place.ts'

export interface FoundBucket {
  /** Undefined where the store does not say. */
  readonly region: string | undefined
}

/** The bucket, or undefined where there is none. @throws `not-owned` for one that is closed to these credentials */
export async function findBucket(work: CacheWork): Promise<FoundBucket | undefined> {
  try {
    const { BucketRegion } = await work.s3.headBucket(ofBucket(work), { abortSignal: work.call.signal })
    return { region: BucketRegion }
  } catch (error) {
    if (isNamed(error, 'NotFound', 'NoSuchBucket') || statusOf(error) === 404) return undefined
    if (statusOf(error) !== 403)
      throw toContractError(error, `looking for the bucket ${work.bucket}`, 's3:ListBucket')
    throw contractError('not-owned', `The bucket ${work.bucket} is not open to these credentials`, {
      hint:
        'It belongs to somebody else, and then another name is needed; or the right s3:ListBucket on it is missing ' +
        'here. agentctl providers policy aws --cache-bucket NAME prints the rights.',
      cause: error,
    })
  }
}

/** Whose a bucket of this account is; `unknown` where the store has no tags. */
export async function ownerOf(work: CacheWork): Promise<'ours' | 'foreign' | 'unknown'> {
  const { s3, owner } = work
  try {
    const { TagSet } = await asking(
      work,
      's3:GetBucketTagging',
      `reading the tags of ${work.bucket}`,
      options => s3.getBucketTagging(ofBucket(work), options),
    )
    return hasOwnerTag(TagSet, owner) ? 'ours' : 'foreign'
  } catch (error) {
    if (hasCode(error, 'unsupported')) return 'unknown'
    if (isNamed((error as Error).cause, 'NoSuchTagSet')) return 'foreign'
    throw error
  }
}

/** @throws `not-owned` */
export function refuseForeign({ bucket, owner }: CacheWork): never {
  throw contractError(
    'not-owned',
    `The bucket ${bucket} is in this account, but has no tag of the owner ${owner}`,
    {
      hint: `Choose another name. Where it is yours to give away, tag it by hand: agentctl-owner = ${owner}.`,
    },
  )
}

/** Makes the bucket with its tag; answers whether the store keeps tags. */
export async function makeBucket(work: CacheWork): Promise<'ours' | 'unknown'> {
  const { s3, bucket, region, owner, account } = work
  const tags = [ownerTag(owner)]
  const configuration = {
    // A compatible store may not know tags here; a bucket at AWS is never without its owner.
    ...(account !== undefined && { Tags: tags }),
    // us-east-1 is the one region that must not be named.
    ...(region !== 'us-east-1' && { LocationConstraint: region as 'eu-west-1' }),
  }
  const isEmpty = Object.keys(configuration).length === 0
  await asking(work, 's3:CreateBucket, s3:TagResource', `making the bucket ${bucket}`, options =>
    s3.createBucket(
      { Bucket: bucket, ...(!isEmpty && { CreateBucketConfiguration: configuration }) },
      options,
    ),
  )
  if ((await ownerOf(work)) === 'ours') return 'ours'
  try {
    await asking(work, 's3:PutBucketTagging', `tagging the bucket ${bucket}`, options =>
      s3.putBucketTagging({ ...ofBucket(work), Tagging: { TagSet: tags } }, options),
    )
    return 'ours'
  } catch (error) {
    if (hasCode(error, 'unsupported')) return 'unknown'
    throw error
  }
}
