import type { CacheTrial } from '@agentctl/contract'
import { iniSections } from './ini.ts'

/** How a job's cache tool gets at its bucket. */
export type JobAccess =
  | { readonly kind: 'keys'; readonly env: Readonly<Record<string, string>>; readonly region?: string }
  | { readonly kind: 'role'; readonly region?: string }
  /** `isSure`: it cannot work; otherwise the machine's image may have what is missing. */
  | { readonly kind: 'none'; readonly isSure: boolean; readonly why: string; readonly fix: string }

/** What a job has, with its own AWS files. */
export interface JobFacts extends Pick<CacheTrial, 'env' | 'role' | 'isMetadataOpen'> {
  readonly credentials: string
  readonly config: string
}

export async function jobFacts({ env, role, isMetadataOpen, home, readFile }: CacheTrial): Promise<JobFacts> {
  const read = async (named: string | undefined, name: string) => {
    const path = named ?? (home === undefined ? undefined : `${home}/.aws/${name}`)
    return (path && (await readFile(path))) || ''
  }
  return {
    env,
    ...(role && { role }),
    isMetadataOpen,
    credentials: await read(env.AWS_SHARED_CREDENTIALS_FILE, 'credentials'),
    config: await read(env.AWS_CONFIG_FILE, 'config'),
  }
}

/**
 * In the order of the tool and of the SDK under it. Pure. Sources: cache-cli pkg/storage/s3.go of semaphoreci/toolbox,
 * 2026-06; AWS SDK for Go v2 developer guide, "Configure the SDK", 2026-11.
 */
export function jobAccess(trial: JobFacts): JobAccess {
  const { env } = trial
  if (env.SEMAPHORE_CACHE_S3_URL) return compatibleAccess(trial)
  if (env.SEMAPHORE_CACHE_USE_EC2_INSTANCE_PROFILE === 'true') return instanceProfile(trial)
  const asked = env.SEMAPHORE_CACHE_AWS_PROFILE
  return (asked ? undefined : variables(trial)) ?? profile(trial, asked || env.AWS_PROFILE) ?? chain(trial)
}

/** The static keys count only together with the URL, and the URL makes the tool pass over every other switch. */
function compatibleAccess(trial: JobFacts): JobAccess {
  const { SEMAPHORE_CACHE_S3_KEY: id, SEMAPHORE_CACHE_S3_SECRET: secret } = trial.env
  if (id && secret) return { kind: 'keys', env: keysOf(id, secret), region: 'auto' }
  const found = variables(trial) ?? profile(trial, trial.env.AWS_PROFILE)
  if (found) return found.kind === 'keys' ? { ...found, region: 'auto' } : found
  return {
    kind: 'none',
    isSure: false,
    why: 'jobs have no SEMAPHORE_CACHE_S3_KEY and SEMAPHORE_CACHE_S3_SECRET that are known here',
    fix: 'Give both by secret-env-vars of the pool, as references to what the store gave you.',
  }
}

function instanceProfile({ isMetadataOpen, role }: JobFacts): JobAccess {
  if (isMetadataOpen) return { kind: 'role', ...(role && { region: role.region }) }
  return {
    kind: 'none',
    isSure: true,
    why: 'SEMAPHORE_CACHE_USE_EC2_INSTANCE_PROFILE asks the metadata service, which is closed to jobs',
    fix: `Take it out, and set SEMAPHORE_CACHE_AWS_PROFILE=${role?.profile ?? 'default'} in its place.`,
  }
}

function variables(trial: JobFacts): JobAccess | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = trial.env
  if (!id || !secret) return undefined
  return { kind: 'keys', env: keysOf(id, secret, token), ...regionIn(trial, 'default') }
}

/** Of the job's own AWS files, as far as the pool writes them; a role lends its rights by a profile too. */
function profile(trial: JobFacts, asked: string | undefined): JobAccess | undefined {
  const name = asked ?? 'default'
  const { role } = trial
  const found = sectionOf(trial, 'credentials', name)
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = found
  if (id && secret) return { kind: 'keys', env: keysOf(id, secret, token), ...regionIn(trial, name) }
  if (role?.profile === name) return { kind: 'role', region: trial.env.AWS_REGION ?? role.region }
  if (asked === undefined) return undefined
  return {
    kind: 'none',
    isSure: false,
    why: `nothing in this configuration gives jobs the AWS profile ${asked}`,
    fix: 'Give the pool the files or the instance profile that `agentctl cache show` prints.',
  }
}

/** What is left of the SDK's chain. */
function chain({ isMetadataOpen }: JobFacts): JobAccess {
  if (isMetadataOpen) return { kind: 'role' }
  return {
    kind: 'none',
    isSure: false,
    why: 'nothing in this configuration gives jobs credentials for the bucket',
    fix: 'Give the pool what `agentctl cache show` prints: an instance profile, or files with a key.',
  }
}

function regionIn(trial: JobFacts, name: string): { readonly region?: string } {
  const { AWS_REGION, AWS_DEFAULT_REGION } = trial.env
  const written = sectionOf(trial, 'config', name === 'default' ? name : `profile ${name}`).region
  const region = AWS_REGION || AWS_DEFAULT_REGION || written || trial.role?.region
  return region ? { region } : {}
}

function sectionOf(facts: JobFacts, file: 'credentials' | 'config', name: string) {
  return iniSections(facts[file]).get(name) ?? {}
}

function keysOf(id: string, secret: string, token?: string) {
  return { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, ...(token && { AWS_SESSION_TOKEN: token }) }
}
