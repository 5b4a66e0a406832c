import {
  type CacheTrial,
  type Call,
  type ErrorCode,
  type Finding,
  isContractError,
  type ProviderDeps,
} from '@agentctl/contract'
import { type Access, accessOf } from '../storage/config.ts'
import { ask, statusOf, toContractError } from '../storage/errors.ts'
import { openS3, type S3 } from '../storage/sdk.ts'
import { type JobAccess, jobAccess, jobFacts } from './job-access.ts'
import { regionOf } from './open.ts'

const subject = 'cache'

/** Puts, gets, lists and deletes one object as the cache tool of a job would. */
export async function tryCache(
  trial: CacheTrial,
  deps: ProviderDeps,
  call: Call,
): Promise<readonly Finding[]> {
  const bucket = trial.env.SEMAPHORE_CACHE_S3_BUCKET ?? ''
  const found = jobAccess(await jobFacts(trial))
  if (found.kind === 'none') {
    const level = found.isSure ? 'problem' : 'unproven'
    return [{ level, subject, message: found.why, fix: found.fix }]
  }
  if (found.kind === 'keys' && found.region === undefined) {
    return [
      {
        level: 'problem',
        subject,
        message: 'the cache tool of a job finds no region',
        fix: "Set AWS_REGION to the bucket's region among the env-vars of the pool.",
      },
    ]
  }
  const s3 = await openAs(found, trial, deps)
  try {
    const work = { s3, bucket, name: trial.objectName, signal: call.signal }
    return [found.kind === 'role' ? await lookedAt(work, found) : await tried(work, trial)]
  } catch (error) {
    return [failure(error, trial)]
  } finally {
    s3.destroy()
  }
}

/** A role's own credentials are seen on its machine alone: the bucket is looked at with the controller's. */
async function openAs(found: JobAccess, trial: CacheTrial, deps: ProviderDeps): Promise<S3> {
  const { env } = trial
  const endpoint = env.SEMAPHORE_CACHE_S3_URL
  const place = { ...(endpoint ? { endpoint } : {}) }
  if (found.kind === 'role') return openS3(accessOf(deps), { ...place, ...regionOnly(found) })
  const access: Access = { env: { ...env, ...(found.kind === 'keys' && found.env) } }
  return openS3(access, { ...place, ...regionOnly(found) })
}

function regionOnly(found: JobAccess): { readonly region?: string } {
  return 'region' in found && found.region !== undefined ? { region: found.region } : {}
}

interface Work {
  readonly s3: S3
  readonly bucket: string
  readonly name: string
  readonly signal: AbortSignal
}

async function tried(work: Work, { env }: CacheTrial): Promise<Finding> {
  const { s3, bucket, name, signal } = work
  const object = { Bucket: bucket, Key: name }
  const asked = <T>(
    what: string,
    right: string,
    send: (options: { abortSignal: AbortSignal }) => Promise<T>,
  ) => ask({ what, right, signal }, () => send({ abortSignal: signal }))
  if (!env.SEMAPHORE_CACHE_S3_URL) {
    const elsewhere = inOtherRegion(bucket, await regionOf(s3), await headOf(work))
    if (elsewhere) return elsewhere
  }
  await asked(`writing ${name} into ${bucket}`, 's3:PutObject', options =>
    s3.putObject({ ...object, Body: 'agentctl doctor' }, options),
  )
  try {
    await asked(`reading ${name} of ${bucket}`, 's3:GetObject', async options =>
      (await s3.getObject(object, options)).Body?.transformToString(),
    )
    await asked(`listing ${bucket}`, 's3:ListBucket', options =>
      s3.listObjectsV2({ Bucket: bucket, Prefix: name.replace(/\/.*/, ''), MaxKeys: 1 }, options),
    )
  } finally {
    await asked(`deleting ${name}, which is left in ${bucket},`, 's3:DeleteObject', options =>
      s3.deleteObject(object, options),
    )
  }
  return {
    level: 'ok',
    subject,
    message: `s3 ${bucket}: an object was written, read, listed and deleted with the job's keys`,
  }
}

async function lookedAt(work: Work, { region }: { readonly region?: string }): Promise<Finding> {
  const { bucket } = work
  const head = await headOf(work)
  const elsewhere = inOtherRegion(bucket, region, head)
  if (elsewhere) return elsewhere
  const seen = head === 'closed' ? 'is not open to this command' : 'is there'
  return {
    level: 'unproven',
    subject,
    message: `the bucket ${bucket} ${seen}; the rights of the machine's role are seen on a machine alone`,
    fix: 'agentctl cache show says how bucket, role and policy stand; CACHE_FAIL_ON_ERROR=true makes a job fail.',
  }
}

type Head = { readonly region: string | undefined } | 'closed'

/** `closed`: what comes next says why, for the answer to a HEAD has no words. @throws `invalid-spec` without a bucket */
async function headOf({ s3, bucket, signal }: Work): Promise<Head> {
  try {
    const { BucketRegion } = await s3.headBucket({ Bucket: bucket }, { abortSignal: signal })
    return { region: BucketRegion }
  } catch (error) {
    const status = statusOf(error)
    if (status === 403 || status === 400) return 'closed'
    const named = status === 404 ? Object.assign(new Error(), { name: 'NoSuchBucket' }) : error
    throw toContractError(named, `looking for the bucket ${bucket}`, 's3:ListBucket')
  }
}

/** The tool asks for the bucket where it is itself, and follows nobody elsewhere. */
function inOtherRegion(bucket: string, region: string | undefined, head: Head): Finding | undefined {
  const there = head === 'closed' ? undefined : head.region
  if (there === undefined || region === undefined || there === region) return undefined
  return {
    level: 'problem',
    subject,
    message: `the bucket ${bucket} is in ${there}, and jobs ask for it in ${region}`,
    fix: `Set AWS_REGION=${there} among the env-vars of the pool, or make a cache in ${region}.`,
  }
}

function failure(error: unknown, { env }: CacheTrial): Finding {
  if (!isContractError(error)) throw error
  const { code, message, hint, fault } = error
  const store = env.SEMAPHORE_CACHE_S3_URL ? 'the store at SEMAPHORE_CACHE_S3_URL' : 'AWS'
  // What a hint says of the controller's credentials is not true of the job's.
  const fixes: Partial<Record<ErrorCode, string>> = {
    unauthenticated: `Check the keys that jobs are given: ${store} does not take them.`,
    'permission-denied': `${hint?.split('. ')[0]} on ${env.SEMAPHORE_CACHE_S3_BUCKET} to the user whose keys jobs have.`,
  }
  const fix = fixes[code] ?? hint
  return {
    level: 'problem',
    subject,
    message: fault ? `${message} (${fault})` : message,
    fix: fix ?? 'Check the bucket and the variables SEMAPHORE_CACHE_* of the pool.',
    code,
  }
}
