import { resolve } from 'node:path'
import type { CachePlace } from '@agentctl/contract'
import { Flags } from '@oclif/core'
import type { CacheTarget } from '../operations/cache.ts'

/** What `cache create`, `show` and `delete` all ask for. */
export const cacheFlags = {
  provider: Flags.string({ summary: 'Cloud that keeps the cache', helpValue: 'NAME', required: true }),
  bucket: Flags.string({ summary: 'Bucket of the cache', helpValue: 'NAME', required: true }),
  region: Flags.string({ summary: "The bucket's region", helpValue: 'NAME' }),
  endpoint: Flags.string({
    summary: 'A compatible store elsewhere, such as https://minio.internal:9000',
    helpValue: 'URL',
  }),
  's3-key': Flags.string({
    summary: 'Key id of that store. Reference such as env:NAME or file:PATH',
    helpValue: 'REF',
    dependsOn: ['endpoint', 's3-secret'],
  }),
  's3-secret': Flags.string({
    summary: 'Secret of that key. Reference such as env:NAME or file:PATH',
    helpValue: 'REF',
    dependsOn: ['endpoint', 's3-key'],
  }),
}

/** What `create` and `show` ask for besides. */
export const cachePoolFlags = {
  pool: Flags.string({
    summary: "Pool to print settings for; may be repeated. Default: the provider's pools",
    helpValue: 'NAME',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'key-file': Flags.string({
    summary: 'File that the access key is in, or is to be written to',
    helpValue: 'FILE',
  }),
}

interface Given {
  readonly provider: string
  readonly bucket: string
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
  readonly pool?: readonly string[] | undefined
  readonly 'key-file'?: string | undefined
  readonly 's3-key'?: string | undefined
  readonly 's3-secret'?: string | undefined
}

export function cachePlace({ bucket, region, endpoint }: Given): CachePlace {
  return { bucket, ...(region !== undefined && { region }), ...(endpoint !== undefined && { endpoint }) }
}

export function cacheTarget(given: Given, cwd: string): CacheTarget {
  const { provider, pool = [], 'key-file': keyFile, 's3-key': key, 's3-secret': secret } = given
  return {
    provider,
    pools: pool,
    ...(keyFile !== undefined && { keyFile: resolve(cwd, keyFile) }),
    ...(key !== undefined && secret !== undefined && { storeKeys: { key, secret } }),
  }
}

/** The flags of these commands that are settings: `--endpoint` here is no hub's, `--pool` makes none. */
export function globalOf({
  config,
  owner,
  verbose,
}: {
  config?: unknown
  owner?: unknown
  verbose?: unknown
}) {
  return { config, owner, verbose }
}
