import {
  type CacheKey,
  type CacheReport,
  type CacheSettings,
  type CacheStep,
  type CacheStore,
  type CacheView,
  type CacheWish,
  contractError,
  type ProviderDeps,
} from '@agentctl/contract'
import { accountAspects, accountEmail, deleteAccount, hasAccount, hasKey } from './account.ts'
import { factOf, settle } from './aspect.ts'
import { bucketAspects, deleteBucket, findBucket, makeBucket } from './bucket.ts'
import { type CacheWork, during, opened } from './work.ts'

/** Opens caches in Cloud Storage. Nothing is asked before the first verb. @throws `invalid-spec` without a project */
export function openCache(deps: ProviderDeps): CacheStore {
  const base = opened(deps)
  return {
    create: async (wish, call) => {
      assertWish(wish)
      return during(base, wish.bucket, 'making the cache', call, work => create(work, wish))
    },
    show: ({ bucket }, call) => during(base, bucket, 'looking at the cache', call, show),
    delete: ({ bucket }, call) => during(base, bucket, 'deleting the cache', call, remove),
    close: async () => undefined,
  }
}

/** Looks at each thing in turn and makes what is not right; what is right is left alone. */
async function create(work: CacheWork, wish: CacheWish): Promise<CacheReport> {
  const { bucket } = work
  const found = await findBucket(work)
  const steps: CacheStep[] = [{ subject: 'bucket', outcome: found ? 'unchanged' : 'made', detail: bucket }]
  const region = placed(wish, found?.location)
  if (!found) await makeBucket(work, region, wish.expireDays)
  let key: CacheKey | undefined
  const keep = (made: CacheKey) => {
    key = made
  }
  const aspects = [
    ...bucketAspects(work, wish.expireDays),
    ...(wish.access === 'none' ? [] : accountAspects(work, wish.access, keep)),
  ]
  for (const aspect of aspects) steps.push(await settle(aspect))
  return { bucket, region, steps, settings: settingsOf(work, wish.access), ...(key && { key }) }
}

/** The region that is there, else the one that is wanted. */
function placed({ bucket, region }: CacheWish, found: string | undefined): string {
  const there = found?.toLowerCase()
  if (there !== undefined && (region === undefined || there === region.toLowerCase())) return there
  if (there !== undefined) {
    throw contractError('invalid-spec', `The bucket ${bucket} is in ${there}, not in ${region}`, {
      hint: `Say --region ${there}, or choose another name.`,
    })
  }
  if (region !== undefined) return region.toLowerCase()
  throw contractError('invalid-spec', 'It is not said in which region the bucket is to be', {
    hint: 'Give --region, that of the machines: other regions cost traffic.',
  })
}

/** Reads only. */
async function show(work: CacheWork): Promise<CacheView | undefined> {
  const found = await findBucket(work)
  if (!found) return undefined
  const access = await accessOf(work)
  const aspects = [
    ...bucketAspects(work, undefined),
    ...(access === 'none' ? [] : accountAspects(work, access)),
  ]
  const facts: CacheView['facts'][number][] = [{ subject: 'bucket', isRight: true, detail: work.bucket }]
  for (const aspect of aspects) facts.push(await factOf(aspect))
  return {
    bucket: work.bucket,
    region: found.location.toLowerCase(),
    facts,
    settings: settingsOf(work, access),
  }
}

async function accessOf(work: CacheWork): Promise<CacheWish['access']> {
  if (!(await hasAccount(work))) return 'none'
  return (await hasKey(work)) ? 'key' : 'role'
}

/** The bucket first, since it shows whose all of it is; a run that was cut off is finished by the next one. */
async function remove(work: CacheWork): Promise<'deleted' | 'gone'> {
  const found = await findBucket(work)
  if (found) await deleteBucket(work)
  const hadAccount = await deleteAccount(work)
  return found || hadAccount ? 'deleted' : 'gone'
}

/** Where Google's libraries look for credentials when nothing names them; in the home of the agent's user. */
export const defaultCredentials = '.config/gcloud/application_default_credentials.json'

/** What a pool needs. Source: cache-cli pkg/storage/gcs.go of semaphoreci/toolbox, 2026-06. */
function settingsOf(work: CacheWork, access: CacheWish['access']): CacheSettings {
  const envVars = { SEMAPHORE_CACHE_BACKEND: 'gcs', SEMAPHORE_CACHE_GCS_BUCKET: work.bucket }
  if (access === 'role') return { envVars, spec: { 'service-account': accountEmail(work) } }
  return { envVars, spec: {}, ...(access === 'key' && { homeFiles: [{ path: defaultCredentials }] }) }
}

/** Source: https://cloud.google.com/storage/docs/buckets#naming, read 2026-11-23. */
const namePattern = /^(?!goog)(?!.*google)[a-z0-9][a-z0-9_.-]{1,61}[a-z0-9]$/

function assertWish({ bucket, endpoint }: CacheWish): void {
  const problems = [
    ...(namePattern.test(bucket)
      ? []
      : [
          {
            path: 'bucket',
            message: "must have 3 to 63 characters of a-z, 0-9, _, . and -, and not be Google's",
          },
        ]),
    ...(endpoint === undefined
      ? []
      : [{ path: 'endpoint', message: 'is for stores like S3: use --provider aws' }]),
  ]
  if (problems.length > 0) throw contractError('invalid-spec', 'The cache cannot be made so', { problems })
}
