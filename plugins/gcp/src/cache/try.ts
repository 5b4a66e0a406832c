import {
  type CacheTrial,
  type Call,
  type Finding,
  isContractError,
  type ProviderDeps,
  within,
} from '@agentctl/contract'
import { type Credentials, credentialsOf, openCredentials } from '../credentials.ts'
import { endpointOf } from '../endpoint.ts'
import { errorsBy, isForbidden, isNotFound } from '../errors.ts'
import { askJson } from '../wire.ts'
import { defaultCredentials } from './open.ts'

const subject = 'cache'

/**
 * Writes, reads, lists and deletes one object as the cache tool of a job would: with Google's default credentials, as
 * the job finds them. Source: cache-cli pkg/storage/gcs.go of semaphoreci/toolbox, 2026-06.
 */
export async function tryCache(
  trial: CacheTrial,
  deps: ProviderDeps,
  call: Call,
): Promise<readonly Finding[]> {
  const bucket = trial.env.SEMAPHORE_CACHE_GCS_BUCKET ?? ''
  const file = await credentialsFile(trial)
  if (file === undefined && !trial.isMetadataOpen) {
    const message = 'nothing that is known here gives jobs credentials for Google Cloud'
    const fix = 'Give the pool what `agentctl cache show` prints: a service account, or a file with its key.'
    return [{ level: 'unproven', subject, message, fix }]
  }
  const credentials = file === undefined ? openCredentials(deps.env) : credentialsOf(file)
  const store: Store = { bucket, name: trial.objectName, ask: asker(credentials, deps, call) }
  try {
    return [file === undefined ? await lookedAt(store) : await tried(store)]
  } catch (error) {
    if (!isContractError(error)) throw error
    const { code, message, hint, fault } = error
    const fix = hint ?? "Give the job's service account roles/storage.objectUser on the bucket."
    return [{ level: 'problem', subject, message: fault ? `${message} (${fault})` : message, fix, code }]
  }
}

function credentialsFile({ env, home, readFile }: CacheTrial): Promise<string | undefined> {
  const atHome = home === undefined ? undefined : `${home}/${defaultCredentials}`
  const path = env.GOOGLE_APPLICATION_CREDENTIALS ?? atHome
  return path === undefined ? Promise.resolve(undefined) : readFile(path)
}

interface Store {
  readonly bucket: string
  readonly name: string
  ask(what: string, method: string, path: string, body?: unknown): Promise<unknown>
}

function asker(credentials: Credentials, { clock, env }: ProviderDeps, call: Call): Store['ask'] {
  const endpoint = endpointOf('storage', env)
  return (what, method, path, body) =>
    within({ what, call, clock, toError: errorsBy(clock) }, signal =>
      askJson(credentials, endpoint, { method, path, ...(body !== undefined && { body }) }, signal),
    )
}

async function tried({ bucket, name, ask }: Store): Promise<Finding> {
  const at = `/b/${bucket}/o`
  const object = `/storage/v1${at}/${encodeURIComponent(name)}`
  const query = new URLSearchParams({ uploadType: 'media', name })
  await ask(`writing ${name} into ${bucket}`, 'POST', `/upload/storage/v1${at}?${query}`, 'agentctl doctor')
  try {
    await ask(`reading ${name} of ${bucket}`, 'GET', `${object}?alt=media`)
    await ask(`listing ${bucket}`, 'GET', `/storage/v1${at}?prefix=${encodeURIComponent(name)}`)
  } finally {
    await ask(`deleting ${name}, which is left in ${bucket},`, 'DELETE', object)
  }
  const message = `gcs ${bucket}: an object was written, read, listed and deleted with the job's key`
  return { level: 'ok', subject, message }
}

/** The rights of a machine's service account are seen on its machine alone. */
async function lookedAt({ bucket, ask }: Store): Promise<Finding> {
  const what = `looking for the bucket ${bucket}`
  const seen = await ask(what, 'GET', `/storage/v1/b/${bucket}?fields=name`).then(
    () => 'is there',
    (error: Error) => {
      if (isForbidden(error.cause)) return 'is not open to this command'
      if (isNotFound(error.cause)) return undefined
      throw error
    },
  )
  if (seen === undefined) {
    const fix = 'Make it: agentctl cache create --provider gcp.'
    return { level: 'problem', subject, message: `there is no bucket ${bucket}`, fix }
  }
  return {
    level: 'unproven',
    subject,
    message: `the bucket ${bucket} ${seen}; the rights of the machine's service account are seen on a machine alone`,
    fix: 'agentctl cache show says how bucket and account stand; CACHE_FAIL_ON_ERROR=true makes a job fail.',
  }
}
