import { type CachePlace, type Call, contractError } from '@agentctl/contract'
import { findBucket, ownerOf, refuseForeign } from './bucket.ts'
import { emptyBucket } from './empty.ts'
import type { Steps } from './open.ts'
import { asking, type CacheWork, ofBucket } from './place.ts'
import { deleteRole } from './role.ts'
import { deleteUser } from './user.ts'

/** The bucket first, since it shows whose all of it is; a run that was cut off is finished by the next one. */
export async function deleteCache(steps: Steps, place: CachePlace, call: Call): Promise<'deleted' | 'gone'> {
  const asked = await steps.workAt(place, call)
  const found = await findBucket(asked)
  const work = { ...asked, region: found?.region ?? asked.region }
  if (found) await deleteBucket(work)
  if (place.endpoint !== undefined) return found ? 'deleted' : 'gone'
  const identity = await steps.withIdentity(work)
  const hadRole = await deleteRole(identity)
  const hadUser = await deleteUser(identity)
  return found || hadRole || hadUser ? 'deleted' : 'gone'
}

async function deleteBucket(work: CacheWork): Promise<void> {
  const { bucket, s3 } = work
  const owner = await ownerOf(work)
  if (owner === 'foreign') refuseForeign(work)
  if (owner === 'unknown') {
    throw contractError('not-owned', `The store keeps no tags: nothing says that ${bucket} is the owner's`, {
      hint: 'Delete it with the tools of the store.',
    })
  }
  await emptyBucket(work)
  await asking(work, 's3:DeleteBucket', `deleting the bucket ${bucket}`, options =>
    s3.deleteBucket(ofBucket(work), options),
  )
}
