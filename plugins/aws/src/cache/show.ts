import { type CachePlace, type CacheView, type Call, hasCode } from '@agentctl/contract'
import { type Aspect, factOf } from './aspect.ts'
import { findBucket, ownerOf, refuseForeign } from './bucket.ts'
import { bucketAspects } from './bucket-aspects.ts'
import type { Steps } from './open.ts'
import type { IdentityWork } from './place.ts'
import { roleAspects } from './role.ts'
import { cacheSettings } from './settings.ts'
import { userAspects } from './user.ts'

type Fact = CacheView['facts'][number]

/** How a cache stands. Reads only. */
export async function showCache(steps: Steps, place: CachePlace, call: Call): Promise<CacheView | undefined> {
  const asked = await steps.workAt(place, call)
  const found = await findBucket(asked)
  if (!found) return undefined
  const work = { ...asked, region: found.region ?? asked.region }
  const owner = await ownerOf(work)
  if (owner === 'foreign') refuseForeign(work)
  const facts = await factsOf(bucketAspects(work, undefined))
  const { bucket, endpoint } = place
  if (endpoint !== undefined) {
    const settings = cacheSettings({ bucket, endpoint, access: 'none' }, work.region)
    return { bucket, region: work.region, facts: [bucketFact(bucket, owner), ...facts], settings }
  }
  const identity = await steps.withIdentity(work)
  const { access, aspects } = await accessOf(identity)
  return {
    bucket,
    region: work.region,
    facts: [bucketFact(bucket, owner), ...facts, ...(await factsOf(aspects))],
    settings: cacheSettings({ bucket, access }, work.region),
  }
}

function bucketFact(bucket: string, owner: 'ours' | 'unknown'): Fact {
  if (owner === 'ours') return { subject: 'bucket', isRight: true, detail: bucket }
  return {
    subject: 'bucket',
    isRight: false,
    detail: `${bucket}: the store keeps no tags, so it has no owner`,
  }
}

async function factsOf(aspects: readonly Aspect[]): Promise<readonly Fact[]> {
  const facts: Fact[] = []
  for (const aspect of aspects) {
    try {
      facts.push(await factOf(aspect))
    } catch (error) {
      if (!hasCode(error, 'unsupported')) throw error
      facts.push({ subject: aspect.subject, isRight: false, detail: 'this store does not have it' })
    }
  }
  return facts
}

/** Which of the two ways there is; the first thing of each is what all the rest hangs on. */
async function accessOf(
  work: IdentityWork,
): Promise<{ access: 'role' | 'key' | 'none'; aspects: readonly Aspect[] }> {
  const ways = [
    { access: 'role', aspects: roleAspects(work) },
    { access: 'key', aspects: userAspects(work, () => undefined) },
  ] as const
  for (const way of ways) {
    if ((await way.aspects[0]?.read())?.isThere) return way
  }
  return { access: 'none', aspects: [] }
}
