import type { CacheSettings, CacheWish } from '@agentctl/contract'
import { roleProfile } from '../role-profile.ts'
import { identityName } from './names.ts'

/** The profile of a key: jobs' own AWS commands do not come to use it by accident, as they would a default one. */
const keyProfile = 'semaphore-cache'

/** With the id and the secret each where it belongs. */
export function credentialsFile(id: string, secret: string): string {
  return `[${keyProfile}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`
}

/**
 * What a pool needs. Source: cache-cli pkg/storage/s3.go of semaphoreci/toolbox, 2026-06: the switch for instance
 * profiles asks the metadata service, which is closed to jobs unless the pool says `metadata: open`; a profile works
 * in both cases.
 */
export function cacheSettings(
  wish: Pick<CacheWish, 'bucket' | 'access' | 'endpoint'>,
  region: string,
): CacheSettings {
  const { bucket, access, endpoint } = wish
  const envVars = { SEMAPHORE_CACHE_BACKEND: 's3', SEMAPHORE_CACHE_S3_BUCKET: bucket }
  if (endpoint !== undefined) {
    return {
      envVars: { ...envVars, SEMAPHORE_CACHE_S3_URL: endpoint },
      secretEnvVars: {
        SEMAPHORE_CACHE_S3_KEY: 'env:CACHE_S3_KEY',
        SEMAPHORE_CACHE_S3_SECRET: 'env:CACHE_S3_SECRET',
      },
      spec: {},
    }
  }
  if (access === 'role') {
    return {
      envVars: { ...envVars, SEMAPHORE_CACHE_AWS_PROFILE: roleProfile },
      openEnvVars: { ...envVars, SEMAPHORE_CACHE_USE_EC2_INSTANCE_PROFILE: 'true' },
      // Profile and metadata service both say the machine's region, and the tool asks for the bucket there.
      region,
      spec: { 'instance-profile': identityName(bucket) },
    }
  }
  if (access === 'none') return { envVars, spec: {} }
  return {
    envVars: { ...envVars, SEMAPHORE_CACHE_AWS_PROFILE: keyProfile },
    homeFiles: [
      { path: '.aws/config', content: `[profile ${keyProfile}]\nregion = ${region}\n` },
      { path: '.aws/credentials' },
    ],
    spec: {},
  }
}
