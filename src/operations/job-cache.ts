import type { CacheTrial, Finding } from '@agentctl/contract'

/** A store that Semaphore's cache tool knows, by its name of it. */
export interface CacheBackend {
  /** Variables without which the tool can do nothing. */
  readonly needs: readonly string[]
  /** Whose plugin can try it; SFTP needs none. */
  readonly provider?: string
}

/** Source: cache-cli pkg/storage of semaphoreci/toolbox, 2026-06. */
const backends: Readonly<Record<string, CacheBackend>> = {
  s3: { needs: ['SEMAPHORE_CACHE_S3_BUCKET'], provider: 'aws' },
  gcs: { needs: ['SEMAPHORE_CACHE_GCS_BUCKET'], provider: 'gcp' },
  sftp: { needs: ['SEMAPHORE_CACHE_URL', 'SEMAPHORE_CACHE_USERNAME', 'SEMAPHORE_CACHE_PRIVATE_KEY_PATH'] },
}

/** What the variables of a job say of its cache. */
export interface JobCache {
  /** Undefined where they ask for none, or for one that there is not. */
  readonly backend?: CacheBackend
  /** What the tool passes over in silence. */
  readonly findings: readonly Finding[]
}

const subject = 'cache'

/** Pure. */
export function jobCache(env: CacheTrial['env']): JobCache {
  const given = Object.keys(env).filter(name => name.startsWith('SEMAPHORE_CACHE_'))
  if (given.length === 0) return { findings: [] }
  const name = env.SEMAPHORE_CACHE_BACKEND ?? ''
  const backend = Object.hasOwn(backends, name) ? backends[name] : undefined
  if (!backend) return { findings: [noBackend(name, given)] }
  const missing = backend.needs.filter(variable => !env[variable])
  if (missing.length > 0) {
    const message = `the backend ${name} does nothing without ${missing.join(', ')}`
    return {
      findings: [
        { level: 'problem', subject, message, fix: 'Add it to env-vars or secret-env-vars of the pool.' },
      ],
    }
  }
  return { backend, findings: name === 's3' ? passedOver(env) : [] }
}

function noBackend(name: string, given: readonly string[]): Finding {
  const known = `Set SEMAPHORE_CACHE_BACKEND to one of ${Object.keys(backends).join(', ')}.`
  const message =
    name === ''
      ? `${given.join(', ')} does nothing without SEMAPHORE_CACHE_BACKEND`
      : `the cache tool has no backend ${name}`
  return { level: 'problem', subject, message, fix: known }
}

/** Of two ways to give credentials the tool takes one, and says nothing of the other. */
function passedOver(env: CacheTrial['env']): readonly Finding[] {
  const isGiven = (names: readonly string[]) => names.filter(name => env[name])
  const keys = isGiven(['SEMAPHORE_CACHE_S3_KEY', 'SEMAPHORE_CACHE_S3_SECRET'])
  const switches = isGiven(['SEMAPHORE_CACHE_USE_EC2_INSTANCE_PROFILE', 'SEMAPHORE_CACHE_AWS_PROFILE'])
  const hasUrl = Boolean(env.SEMAPHORE_CACHE_S3_URL)
  const [ignored, why] = hasUrl ? [switches, 'with'] : [keys, 'without']
  if (ignored.length === 0) return []
  const fix = hasUrl
    ? 'Take it out.'
    : 'For AWS itself give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for a compatible store add the URL.'
  return [
    {
      level: hasUrl ? 'warning' : 'problem',
      subject,
      message: `${ignored.join(' and ')} is passed over ${why} SEMAPHORE_CACHE_S3_URL`,
      fix,
    },
  ]
}
