import type { Call } from './provider.ts'

/** A bucket for Semaphore's cache tool, as it is wanted. */
export interface CacheWish {
  readonly bucket: string
  readonly region?: string
  /** Objects older than this go. Unit: days. */
  readonly expireDays: number
  /** `role`: machines get rights by what they are, with no keys; `key`: a user of its own with an access key. */
  readonly access: 'role' | 'key'
}

/** One thing that was seen to, such as `public access`. */
export interface CacheStep {
  readonly subject: string
  readonly outcome: 'made' | 'changed' | 'unchanged'
  readonly detail?: string
}

/** What a pool needs to use the cache, in the words of agentctl.yml. */
export interface CacheSettings {
  /** For `agent: env-vars`. */
  readonly envVars: Readonly<Record<string, string>>
  /** For the pool's `spec`, such as `instance-profile`. */
  readonly spec: Readonly<Record<string, unknown>>
}

export interface CacheReport {
  readonly bucket: string
  readonly region: string
  readonly steps: readonly CacheStep[]
  readonly settings: CacheSettings
  /** A new access key, told once; never logged. */
  readonly key?: { readonly id: string; readonly secret: string }
}

/** What there is of a cache. */
export interface CacheView {
  readonly bucket: string
  readonly region: string
  /** How each thing stands, in the words of {@link CacheStep}. */
  readonly facts: readonly { readonly subject: string; readonly isRight: boolean; readonly detail: string }[]
  readonly settings: CacheSettings
}

/** Where a cloud keeps build caches. Only a bucket with the owner's tag is ever changed or deleted. */
export interface CacheStore {
  /** Idempotent: a second run changes nothing and says so. @throws `not-owned` for a bucket of somebody else */
  create(wish: CacheWish, call: Call): Promise<CacheReport>
  /** Undefined where there is no such bucket. @throws `not-owned` */
  show(bucket: string, call: Call): Promise<CacheView | undefined>
  /** The bucket with all that is in it, and what was made along with it. @throws `not-owned` */
  delete(bucket: string, call: Call): Promise<'deleted' | 'gone'>
  close(): Promise<void>
}
