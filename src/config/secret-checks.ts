import { type At, type Mapping, mappingOf, type Path } from './path.ts'
import type { Issue } from './wording.ts'

const cacheBucket = 'SEMAPHORE_CACHE_S3_BUCKET'

/** Rules of `token-delivery` and `token-bucket`, over all pools: a bucket that jobs write to can hold no token. */
export function checkTokenDelivery(pools: readonly (readonly [string, Mapping])[]): readonly Issue[] {
  const cacheBuckets = new Set(pools.flatMap(([, pool]) => variablesOf(pool).get(cacheBucket) ?? []))
  return pools.flatMap(([name, pool]) => {
    const at = (key: string): Path => ['pools', name, key]
    const bucket = pool['token-bucket']
    if (pool['token-delivery'] !== 'presigned') {
      if (bucket === undefined) return []
      return [{ path: at('token-bucket'), message: 'is used only with `token-delivery: presigned`' }]
    }
    return [
      ...(bucket === undefined
        ? [
            {
              path: at('token-delivery'),
              message: 'needs a `token-bucket` of its own, for the token to lie in',
            },
          ]
        : []),
      ...(typeof bucket === 'string' && cacheBuckets.has(bucket)
        ? [{ path: at('token-bucket'), message: 'is the bucket of the cache, which jobs can read' }]
        : []),
      ...(pool.shared === true
        ? [
            {
              path: at('token-delivery'),
              message: 'cannot be presigned in a shared pool: each host signs with credentials of its own',
            },
          ]
        : []),
    ]
  })
}

/** A variable that is given twice would be one of the two. */
export function checkSecretVariables(at: At, pool: Mapping): readonly Issue[] {
  const variables = variablesOf(pool)
  return Object.keys(mappingOf(pool['secret-env-vars']))
    .filter(name => variables.has(name))
    .map(name => ({ path: at('secret-env-vars', name), message: 'is among the env-vars of the agent too' }))
}

export function variablesOf({ agent }: Mapping): ReadonlyMap<string, string> {
  const items = mappingOf(agent)['env-vars']
  const texts = Array.isArray(items) ? items.filter(item => typeof item === 'string') : []
  return new Map(
    texts.map(text => {
      const [name = '', ...rest] = text.split('=')
      return [name, rest.join('=')]
    }),
  )
}
