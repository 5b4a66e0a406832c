import { contractError, tagNames } from '@agentctl/contract'
import { z } from 'zod'
import { hasReason, isForbidden } from '../errors.ts'
import type { Aspect } from './aspect.ts'
import type { CacheWork } from './work.ts'

const shape = z.object({
  location: z.string().default(''),
  labels: z.record(z.string(), z.string()).default({}),
  iamConfiguration: z
    .object({
      uniformBucketLevelAccess: z.object({ enabled: z.boolean().default(false) }).optional(),
      publicAccessPrevention: z.string().optional(),
    })
    .default({}),
  lifecycle: z
    .object({
      rule: z
        .array(
          z.object({
            action: z.object({ type: z.string() }),
            condition: z.looseObject({ age: z.number().optional() }),
          }),
        )
        .default([]),
    })
    .default({ rule: [] }),
  softDeletePolicy: z.object({ retentionDurationSeconds: z.coerce.number().default(0) }).optional(),
})
type Bucket = z.infer<typeof shape>

/** The bucket, or undefined where there is none. @throws `not-owned` for one without the owner's label */
export async function findBucket({ bucket, owner, storage }: CacheWork): Promise<Bucket | undefined> {
  const told = await storage('GET', `/b/${bucket}`).catch((error: unknown) => {
    // Throttling has the same status.
    if (!isForbidden(error) || hasReason(error, 'rateLimitExceeded', 'userRateLimitExceeded')) throw error
    throw contractError('not-owned', `The bucket ${bucket} is not open to these credentials`, {
      hint: 'It belongs to somebody else, and then another name is needed; or storage.buckets.get is missing here.',
      cause: error,
    })
  })
  if (told === undefined) return undefined
  const found = shape.parse(told)
  if (found.labels[tagNames.owner] === owner) return found
  throw contractError('not-owned', `The bucket ${bucket} has no label of the owner ${owner}`, {
    hint: `Choose another name. Where it is yours to give away, label it by hand: ${tagNames.owner}=${owner}.`,
  })
}

/** Everything that a cache's bucket has from the moment that it exists. */
export async function makeBucket(work: CacheWork, location: string, expireDays: number): Promise<void> {
  await work.storage('POST', `/b?project=${encodeURIComponent(work.project)}`, {
    name: work.bucket,
    location,
    labels: { [tagNames.owner]: work.owner },
    iamConfiguration: closed,
    softDeletePolicy: noSoftDelete,
    lifecycle: { rule: rulesFor(expireDays) },
  })
}

const closed = { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'enforced' }
/** What is deleted from a cache need not be kept, and paid for, another week. */
const noSoftDelete = { retentionDurationSeconds: '0' }

/** What a bucket of a cache has to have besides its name and its owner. */
export function bucketAspects(work: CacheWork, expireDays: number | undefined): readonly Aspect[] {
  const patched = (
    subject: string,
    want: string,
    isRight: (bucket: Bucket) => boolean,
    body: () => object,
  ): Aspect => ({
    subject,
    want,
    async read() {
      const found = await findBucket(work)
      return found && isRight(found) ? 'right' : 'wrong'
    },
    async write() {
      await work.storage('PATCH', `/b/${work.bucket}`, body())
    },
  })
  return [
    patched(
      'access',
      'uniform, by roles alone',
      ({ iamConfiguration }) => iamConfiguration.uniformBucketLevelAccess?.enabled === true,
      () => ({ iamConfiguration: closed }),
    ),
    patched(
      'public access',
      'prevented',
      ({ iamConfiguration }) => iamConfiguration.publicAccessPrevention === 'enforced',
      () => ({ iamConfiguration: closed }),
    ),
    patched(
      'expiry',
      wantedExpiry(expireDays),
      ({ lifecycle }) => isExpiryRight(lifecycle.rule, expireDays),
      () => ({ lifecycle: { rule: rulesFor(expireDays ?? 0) } }),
    ),
    patched(
      'soft delete',
      'off: what is deleted is gone',
      ({ softDeletePolicy }) => (softDeletePolicy?.retentionDurationSeconds ?? 0) === 0,
      () => ({ softDeletePolicy: noSoftDelete }),
    ),
  ]
}

type Rules = Bucket['lifecycle']['rule']

/** Parts of uploads that were cut off are billed and never seen: they go after a day. */
function rulesFor(days: number): Rules {
  const broken = { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 1 } }
  return days > 0 ? [{ action: { type: 'Delete' }, condition: { age: days } }, broken] : [broken]
}

/** `days` undefined: whatever is there is right, since nobody said what is wanted. */
function isExpiryRight(rules: Rules, days: number | undefined): boolean {
  if (days === undefined) return rules.length > 0
  const key = (found: Rules) =>
    found
      .map(({ action, condition }) => `${action.type} ${condition.age}`)
      .toSorted()
      .join()
  return key(rules) === key(rulesFor(days))
}

function wantedExpiry(days: number | undefined): string {
  if (days === undefined) return 'a rule for old objects'
  return days === 0 ? 'objects are kept; broken uploads go after a day' : `objects go after ${days} days`
}

const page = z.object({
  items: z.array(z.object({ name: z.string(), generation: z.coerce.string() })).default([]),
  nextPageToken: z.string().optional(),
})
/** Deletes under way at the same time. */
const atOnce = 16

/** Every version of every object, and then the bucket. Whoever is cut off here goes on with the next call. */
export async function deleteBucket({ bucket, storage }: CacheWork): Promise<void> {
  for (;;) {
    const told = await storage('GET', `/b/${bucket}/o?versions=true&maxResults=1000`)
    const { items } = page.parse(told ?? {})
    if (items.length === 0) break
    const waiting = [...items]
    const drain = async () => {
      for (let one = waiting.pop(); one; one = waiting.pop()) {
        await storage('DELETE', `/b/${bucket}/o/${encodeURIComponent(one.name)}?generation=${one.generation}`)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, drain))
  }
  await storage('DELETE', `/b/${bucket}`)
}
