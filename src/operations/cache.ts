import {
  type CachePlace,
  type CacheReport,
  type CacheSettings,
  type CacheStore,
  type CacheView,
  type CacheWish,
  type Call,
  contractError,
} from '@agentctl/contract'
import { literalRefusal, parseSecretRef } from '../config/secrets.ts'
import { withCall } from '../engine/calls.ts'
import { patiently } from '../engine/patiently.ts'
import { entryFor } from '../providers/load.ts'
import { providersIn } from '../providers/registry.ts'
import { type CachePools, cachePools, poolsElsewhere, poolsFor } from './cache-pools.ts'
import type { Context } from './context.ts'
import { openKeyFile } from './key-file.ts'
import { readSecretRef } from './open-hub.ts'
import { fileOfPools, writeIntoConfig } from './write-config.ts'

const createMs = 180_000
/** A cache may hold a million objects, a thousand of which go with one call. */
const deleteMs = 1_800_000

/** Who keeps the cache, and which pools use it: with none named, all of the provider. */
export interface CacheTarget {
  readonly provider: string
  readonly pools: readonly string[]
  /** Where a key is, or will be: absolute. */
  readonly keyFile?: string
  /** References to the keys of a compatible store; else those of the environment count. */
  readonly storeKeys?: { readonly key: string; readonly secret: string }
  /** Whether the settings go into the configuration file. */
  readonly isWritten?: boolean
}

export interface CacheResult extends Pick<CacheReport, 'bucket' | 'region' | 'steps'> {
  readonly provider: string
  /** A key that was made now; its secret is in the file alone. */
  readonly key?: { readonly id: string; readonly file: string }
  /** For agentctl.yml. */
  readonly config: CachePools
  /** The configuration file that they were written into. */
  readonly writtenTo?: string
}

/**
 * Makes a cache, or finishes and checks the one that is there, and says what pools need to use it.
 * @throws `unsupported`, `invalid-spec`, `not-owned`, `permission-denied`, …
 */
export async function createCache(
  context: Context,
  target: CacheTarget,
  wish: CacheWish,
): Promise<CacheResult> {
  const pools = poolsFor(context.settings, target, wish.access)
  if (wish.access === 'key' && target.keyFile === undefined) {
    throw contractError(
      'invalid-spec',
      'The secret of an access key is not printed: where is it to be written?',
      {
        hint: 'Name a file with --key-file; it is made readable by you alone.',
      },
    )
  }
  const names = pools.map(pool => pool.name)
  const file = target.isWritten ? fileOfPools(context, names) : undefined
  const store = await openStore(context, target)
  await using keyFile = wish.access === 'key' ? await openKeyFile(target.keyFile ?? '') : undefined
  try {
    const report = await withCall(deps(context), createMs, call => store.create(wish, call))
    const { key, settings, ...told } = report
    if (key && keyFile) await keyFile.write(key.file)
    for (const pool of poolsElsewhere(pools, settings)) {
      const region = settings.region
      context.log.warn('Machines in another region than the cache cannot use it so', { pool, region })
    }
    const config = cachePools(pools, withKeys(settings, target), keyFileOf(target, wish))
    if (file !== undefined) await writeIntoConfig(file, config)
    return {
      provider: target.provider,
      ...told,
      ...(key && target.keyFile !== undefined && { key: { id: key.id, file: target.keyFile } }),
      config,
      ...(file !== undefined && { writtenTo: file }),
    }
  } finally {
    await store.close()
  }
}

export interface ShownCache extends Omit<CacheView, 'settings'> {
  readonly provider: string
  readonly config: CachePools
}

/** How a cache stands; undefined where there is none. Reads only. @throws `not-owned`, `unsupported`, … */
export async function showCache(
  context: Context,
  target: CacheTarget,
  place: CachePlace,
): Promise<ShownCache | undefined> {
  const view = await withStore(context, target, createMs, (store, call) => store.show(place, call))
  if (!view) return undefined
  const { settings, ...told } = view
  const pools = poolsFor(context.settings, target, accessOf(settings))
  const config = cachePools(pools, withKeys(settings, target), keyFileOf(target, place))
  return { provider: target.provider, ...told, config }
}

/** The bucket, what is in it, and what was made along with it. @throws `not-owned`, `unsupported`, … */
export function deleteCache(
  context: Context,
  target: CacheTarget,
  place: CachePlace,
): Promise<'deleted' | 'gone'> {
  return withStore(context, target, deleteMs, (store, call) => store.delete(place, call))
}

async function withStore<T>(
  context: Context,
  target: CacheTarget,
  limitMs: number,
  work: (store: CacheStore, call: Call) => Promise<T>,
): Promise<T> {
  const store = await openStore(context, target)
  const asked = deps(context)
  try {
    return await patiently(asked, () => withCall(asked, limitMs, call => work(store, call)))
  } finally {
    await store.close()
  }
}

async function openStore(context: Context, { provider: name, storeKeys }: CacheTarget): Promise<CacheStore> {
  const { settings, plugins, log, effects } = context
  const module = await effects.loadProvider(entryFor(name, providersIn(plugins)))
  if (!module.openCache) {
    throw contractError(
      'unsupported',
      `The provider ${name} has no store that Semaphore's cache tool can use`,
      {
        hint:
          'The tool speaks to S3, to stores that are compatible with it, to Google Cloud Storage and to SFTP. Such a ' +
          'store serves the pools of any provider: agentctl cache create --provider aws --endpoint URL --access none.',
      },
    )
  }
  const { owner, providers } = settings
  const { clock, random } = effects
  const env = storeKeys ? { ...effects.env, ...(await keysIn(context, storeKeys)) } : effects.env
  return module.openCache({ owner, settings: providers[name], clock, random, env, log })
}

type StoreKeys = NonNullable<CacheTarget['storeKeys']>

/** The keys of a compatible store, in the variables that keys for S3 are given by. @throws `invalid-spec`, `unauthenticated` */
async function keysIn(context: Context, { key, secret }: StoreKeys) {
  const read = async (flag: string, text: string) => {
    const ref = parseSecretRef(text)
    if (!ref) throw contractError('invalid-spec', `--${flag} ${literalRefusal}`)
    return readSecretRef(context, ref)
  }
  return {
    AWS_ACCESS_KEY_ID: await read('s3-key', key),
    AWS_SECRET_ACCESS_KEY: await read('s3-secret', secret),
    AWS_SESSION_TOKEN: undefined,
  }
}

/** Jobs get the keys by the same references. */
function withKeys(settings: CacheSettings, { storeKeys }: CacheTarget): CacheSettings {
  if (!storeKeys) return settings
  const { key, secret } = storeKeys
  return {
    ...settings,
    secretEnvVars: { SEMAPHORE_CACHE_S3_KEY: key, SEMAPHORE_CACHE_S3_SECRET: secret },
  }
}

function deps({ effects, log, signal }: Context) {
  return { ...effects, log, signal }
}

function accessOf({ homeFiles, secretEnvVars }: CacheSettings): CacheWish['access'] {
  if (homeFiles) return 'key'
  return secretEnvVars ? 'none' : 'role'
}

function keyFileOf({ keyFile }: CacheTarget, { bucket }: CachePlace): string {
  return keyFile ?? `${bucket}.credentials`
}
