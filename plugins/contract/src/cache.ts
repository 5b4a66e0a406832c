import type { Call, RoleCredentials } from './provider.ts'

/** A bucket for Semaphore's cache tool, as it is wanted. */
export interface CacheWish {
  readonly bucket: string
  readonly region?: string
  /** Objects older than this go; 0 keeps them. Unit: days. */
  readonly expireDays: number
  /**
   * `role`: machines get rights by what they are, with no keys; `key`: a user of its own with an access key;
   * `none`: the bucket alone.
   */
  readonly access: 'role' | 'key' | 'none'
  /** A store of the same kind elsewhere, such as `https://minio.internal:9000`; only with `access: 'none'`. */
  readonly endpoint?: string
}

/** Which cache is meant. */
export type CachePlace = Pick<CacheWish, 'bucket' | 'region' | 'endpoint'>

/** One thing that was seen to, such as `public access`. */
export interface CacheStep {
  readonly subject: string
  /** `unsupported`: the store does not have that; `detail` says what it means. */
  readonly outcome: 'made' | 'changed' | 'unchanged' | 'unsupported'
  readonly detail?: string
}

/** What a pool needs to use the cache, in the words of agentctl.yml. */
export interface CacheSettings {
  /** For `agent: env-vars`. */
  readonly envVars: Readonly<Record<string, string>>
  /** In place of `envVars` in a pool with `metadata: open`, where that makes a difference. */
  readonly openEnvVars?: Readonly<Record<string, string>>
  /** For `secret-env-vars`: references to what the person has, such as `env:CACHE_S3_SECRET`. */
  readonly secretEnvVars?: Readonly<Record<string, string>>
  /** For `bootstrap: files`, by path in the home of the agent's user; without `content` it is the {@link CacheKey}'s. */
  readonly homeFiles?: readonly { readonly path: string; readonly content?: string }[]
  /** Where machines have to be for these settings to work; left out where that is all the same. */
  readonly region?: string
  /** For the pool's `spec`, such as `instance-profile`. */
  readonly spec: Readonly<Record<string, unknown>>
}

/** A new access key, told once; never logged. */
export interface CacheKey {
  readonly id: string
  /** The file that gives it to the cache tool, with the secret in it. */
  readonly file: string
}

export interface CacheReport {
  readonly bucket: string
  readonly region: string
  readonly steps: readonly CacheStep[]
  readonly settings: CacheSettings
  /** Only from the call that made it. */
  readonly key?: CacheKey
}

/** What there is of a cache. */
export interface CacheView {
  readonly bucket: string
  readonly region: string
  /** How each thing stands, in the words of {@link CacheStep}. */
  readonly facts: readonly { readonly subject: string; readonly isRight: boolean; readonly detail: string }[]
  readonly settings: CacheSettings
}

/** Where a cloud keeps build caches. The README's rules for caches hold for every method. */
export interface CacheStore {
  /** @throws `not-owned` for a bucket of somebody else, `permission-denied`, `invalid-spec`, … */
  create(wish: CacheWish, call: Call): Promise<CacheReport>
  /** Reads only. Undefined where there is no such bucket. @throws `not-owned` */
  show(place: CachePlace, call: Call): Promise<CacheView | undefined>
  /** The bucket with all that is in it, and what was made along with it. @throws `not-owned` */
  delete(place: CachePlace, call: Call): Promise<'deleted' | 'gone'>
  close(): Promise<void>
}

/** What a job's cache tool has to work with, so that it can be tried from outside. */
export interface CacheTrial {
  /** The job's variables, with the values of its secrets. Never logged. */
  readonly env: Readonly<Record<string, string>>
  /** A file that the job finds, or undefined where that is not known here. Never logged. */
  readFile(path: string): Promise<string | undefined>
  /** Of the job's user, such as `/home/semaphore`, where it is known. */
  readonly home?: string
  /** The machine's role lends its rights to jobs. */
  readonly role?: RoleCredentials
  /** Jobs can ask the metadata service. */
  readonly isMetadataOpen: boolean
  /** For the one object that is written, read, listed and deleted. */
  readonly objectName: string
}
