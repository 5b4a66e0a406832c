import { type CacheSettings, type CacheWish, contractError } from '@agentctl/contract'
import type { Pool, Settings } from '../config/types.ts'
import type { CacheTarget } from './cache.ts'
import { noSuchPool } from './no-such-pool.ts'

/** A pool, as far as a cache is concerned; its names are those of the file. */
export type CachePool = Pick<Pool, 'name' | 'metadata'> & { readonly user: string; readonly region?: string }

/** A piece of agentctl.yml. */
export interface CachePools {
  readonly pools: Readonly<Record<string, CachePoolSection>>
}

interface CachePoolSection {
  readonly spec?: Readonly<Record<string, unknown>>
  readonly agent: { readonly 'env-vars': readonly string[] }
  readonly 'secret-env-vars'?: Readonly<Record<string, string>>
  readonly bootstrap?: { readonly files: readonly Readonly<Record<string, string>>[] }
}

/** Stands for the pools that are still to be written. */
const example: CachePool = { name: 'my-pool', metadata: 'guarded', user: 'semaphore' }

/** The pools that were named, else those of the provider, else an example. @throws `invalid-spec` */
export function poolsFor(
  { pools }: Settings,
  { provider, pools: names }: CacheTarget,
  access: CacheWish['access'],
): readonly CachePool[] {
  const asked = names.map(name => {
    const pool = pools[name]
    if (!pool) {
      throw noSuchPool(pools, name)
    }
    if (access === 'role' && pool.provider !== provider) {
      throw contractError(
        'invalid-spec',
        `Machines of the pool ${name} are at ${pool.provider}: they can have no role at ${provider}`,
        {
          hint: 'Make the cache with --access key.',
        },
      )
    }
    return pool
  })
  const found = names.length > 0 ? asked : Object.values(pools).filter(pool => pool.provider === provider)
  const shown = found.map(({ name, metadata, bootstrap, spec: { region } }) => ({
    name,
    metadata,
    user: bootstrap.user,
    ...(typeof region === 'string' && { region }),
  }))
  return shown.length > 0 ? shown : [example]
}

/** Pools whose machines are where these settings do not work. */
export function poolsElsewhere(pools: readonly CachePool[], { region }: CacheSettings): readonly string[] {
  const isElsewhere = (pool: CachePool) =>
    region !== undefined && pool.region !== undefined && pool.region !== region
  return pools.filter(isElsewhere).map(pool => pool.name)
}

/** What these pools need, in the words of the file. */
export function cachePools(
  pools: readonly CachePool[],
  settings: CacheSettings,
  keyFile: string,
): CachePools {
  return { pools: Object.fromEntries(pools.map(pool => [pool.name, sectionOf(pool, settings, keyFile)])) }
}

function sectionOf(pool: CachePool, settings: CacheSettings, keyFile: string): CachePoolSection {
  const { envVars, openEnvVars = envVars, secretEnvVars, homeFiles, spec } = settings
  const variables = Object.entries(pool.metadata === 'open' ? openEnvVars : envVars)
  return {
    ...(Object.keys(spec).length > 0 && { spec }),
    agent: { 'env-vars': variables.map(([name, value]) => `${name}=${value}`) },
    ...(secretEnvVars && { 'secret-env-vars': secretEnvVars }),
    ...(homeFiles && {
      bootstrap: {
        files: homeFiles.map(({ path, content }) => ({
          path: `/home/${pool.user}/${path}`,
          ...(content === undefined ? { from: `file:${keyFile}` } : { content }),
          mode: '0600',
          owner: pool.user,
        })),
      },
    }),
  }
}
