import type { Call, Clock } from '@agentctl/contract'
import { type Asked, ask } from '../storage/errors.ts'
import type { IAM, S3 } from '../storage/sdk.ts'

/** What every step of work on one cache needs. */
export interface CacheWork {
  readonly owner: string
  readonly clock: Clock
  readonly call: Call
  readonly bucket: string
  /** The bucket's, or where it is to be. */
  readonly region: string
  readonly s3: S3
  /** Of a bucket at AWS: nobody else's bucket is read or written by mistake. */
  readonly account?: string
}

/** With the clients that a role or a user takes. */
export interface IdentityWork extends CacheWork {
  readonly iam: IAM
  /** Sends nothing twice. */
  readonly iamOnce: IAM
}

/** Bounds and names a call of this work. */
export function asking<T>(
  { call }: CacheWork,
  right: string,
  what: string,
  send: (options: Options) => Promise<T>,
): Promise<T> {
  const asked: Asked = { what, right, signal: call.signal }
  return ask(asked, () => send({ abortSignal: call.signal }))
}

interface Options {
  readonly abortSignal: AbortSignal
}

/** The parameters that every call on the bucket has. */
export function ofBucket({ bucket, account }: CacheWork) {
  return { Bucket: bucket, ...(account !== undefined && { ExpectedBucketOwner: account }) }
}
