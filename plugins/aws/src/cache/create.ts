import {
  type CacheKey,
  type CacheReport,
  type CacheStep,
  type CacheWish,
  type Call,
  contractError,
} from '@agentctl/contract'
import { settle, settleIfSupported } from './aspect.ts'
import { findBucket, makeBucket, ownerOf, refuseForeign } from './bucket.ts'
import { bucketAspects } from './bucket-aspects.ts'
import type { Steps } from './open.ts'
import type { CacheWork } from './place.ts'
import { roleAspects } from './role.ts'
import { cacheSettings } from './settings.ts'
import { userAspects } from './user.ts'

/** Looks at each thing in turn and makes what is not right; what is right is left alone. */
export async function createCache(steps: Steps, wish: CacheWish, call: Call): Promise<CacheReport> {
  const asked = await steps.workAt(wish, call)
  const bucket = await bucketStep(asked, wish)
  const work = { ...asked, region: bucket.region }
  const told: CacheStep[] = [bucket.step]
  if (bucket.owner === 'unknown') told.push(noTags(bucket.step.outcome === 'made'))
  // A bucket that was there before, in a store that does not say whose it is, is not changed.
  const isOpen = bucket.owner === 'ours' || bucket.step.outcome === 'made'
  const settleAs = wish.endpoint === undefined ? settle : settleIfSupported
  for (const aspect of isOpen ? bucketAspects(work, wish.expireDays) : []) told.push(await settleAs(aspect))

  let key: CacheKey | undefined
  if (wish.access !== 'none') {
    const identity = await steps.withIdentity(work)
    const aspects =
      wish.access === 'role'
        ? roleAspects(identity)
        : userAspects(identity, made => {
            key = made
          })
    for (const aspect of aspects) told.push(await settle(aspect))
  }
  const settings = cacheSettings(wish, work.region)
  return { bucket: wish.bucket, region: work.region, steps: told, settings, ...(key && { key }) }
}

interface BucketStep {
  readonly step: CacheStep
  readonly owner: 'ours' | 'unknown'
  readonly region: string
}

async function bucketStep(work: CacheWork, wish: CacheWish): Promise<BucketStep> {
  const found = await findBucket(work)
  const detail = wish.bucket
  if (!found) {
    const owner = await makeBucket(work)
    return { step: { subject: 'bucket', outcome: 'made', detail }, owner, region: work.region }
  }
  const { region = work.region } = found
  if (wish.endpoint === undefined && wish.region !== undefined && wish.region !== region) {
    throw contractError('invalid-spec', `The bucket ${wish.bucket} is in ${region}, not in ${wish.region}`, {
      hint: `Say --region ${region}, or choose another name.`,
    })
  }
  const owner = await ownerOf({ ...work, region })
  if (owner === 'foreign') refuseForeign(work)
  return { step: { subject: 'bucket', outcome: 'unchanged', detail }, owner, region }
}

function noTags(isMade: boolean): CacheStep {
  const detail = isMade
    ? 'this store keeps no tags: agentctl will not delete the bucket'
    : 'this store keeps no tags: whose the bucket is cannot be told, so nothing on it is changed'
  return { subject: 'owner tag', outcome: 'unsupported', detail }
}
