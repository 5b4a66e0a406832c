import {
  type CachePlace,
  type CacheStore,
  type CacheWish,
  type Call,
  contractError,
  type ProviderDeps,
} from '@agentctl/contract'
import { accessOf } from '../storage/config.ts'
import { ask } from '../storage/errors.ts'
import { accountOf, openIam, openS3, type S3 } from '../storage/sdk.ts'
import { createCache } from './create.ts'
import { deleteCache } from './delete.ts'
import type { CacheWork, IdentityWork } from './place.ts'
import { showCache } from './show.ts'

/** Opens caches in S3, or in a store like it. Nothing is asked before the first verb. */
export function openCache(deps: ProviderDeps): CacheStore {
  const access = accessOf(deps)
  const opened = new Set<{ destroy(): void }>()
  const keep = <T extends { destroy(): void }>(client: T): T => {
    opened.add(client)
    return client
  }

  const workAt = async (place: CachePlace, call: Call): Promise<CacheWork> => {
    const s3 = keep(await openS3(access, place))
    const region = place.region ?? (await regionOf(s3))
    const base = { owner: deps.owner, clock: deps.clock, call, bucket: place.bucket, region, s3 }
    if (place.endpoint !== undefined) return base
    const account = await ask(
      { what: 'asking whose the credentials are', right: 'sts:GetCallerIdentity' },
      () => accountOf(access, { region }, call.signal),
    )
    return { ...base, account }
  }
  /** Once it is known where the bucket is. */
  const withIdentity = async (work: CacheWork): Promise<IdentityWork> => ({
    ...work,
    iam: keep(await openIam(access, work, 3)),
    iamOnce: keep(await openIam(access, work, 1)),
  })
  const steps = { workAt, withIdentity }
  return {
    create: (wish, call) => createCache(steps, checked(wish), call),
    show: (place, call) => showCache(steps, place, call),
    delete: (place, call) => deleteCache(steps, place, call),
    async close() {
      for (const client of opened) client.destroy()
      opened.clear()
    },
  }
}

/** How the verbs get at what they work with. */
export interface Steps {
  workAt(place: CachePlace, call: Call): Promise<CacheWork>
  withIdentity(work: CacheWork): Promise<IdentityWork>
}

/** @throws `invalid-spec` where nobody says it */
export async function regionOf(s3: S3): Promise<string> {
  const region = await s3.config.region().catch((cause: unknown) => {
    throw contractError('invalid-spec', 'It is not said in which region the bucket is', {
      hint: 'Give --region, or set AWS_REGION.',
      cause,
    })
  })
  return region
}

/** Rules: "Bucket naming rules" of the S3 user guide, 2026-11. */
const namePattern =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!-s3alias|--ol-s3)$/

function checked(wish: CacheWish): CacheWish {
  const problems = [
    ...(namePattern.test(wish.bucket)
      ? []
      : [
          {
            path: 'bucket',
            message: 'must have 3 to 63 characters of a-z, 0-9, . and -, the first and last no sign',
          },
        ]),
    ...(wish.endpoint === undefined || /^https?:\/\/[^/?#]+\/?$/.test(wish.endpoint)
      ? []
      : [{ path: 'endpoint', message: 'must be a URL such as https://minio.internal:9000' }]),
    ...(wish.endpoint !== undefined && wish.access !== 'none'
      ? [{ path: 'access', message: 'must be none with an endpoint: a compatible store has keys of its own' }]
      : []),
  ]
  if (problems.length === 0) return wish
  throw contractError('invalid-spec', 'The cache cannot be made so', { problems })
}
