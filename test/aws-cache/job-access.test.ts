import { expect, it } from 'vitest'
import { jobAccess } from '../../plugins/aws/src/cache/job-access.ts'

const role = { profile: 'default', region: 'eu-central-1' }
const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }
const credentials =
  '[other]\naws_access_key_id = x\n[semaphore-cache]\naws_access_key_id = id\naws_secret_access_key=secret\n'
const config = '# ours\n[profile semaphore-cache]\nregion = eu-west-1\n'
const byProfile = { SEMAPHORE_CACHE_AWS_PROFILE: 'semaphore-cache' }
const store = { SEMAPHORE_CACHE_S3_URL: 'https://minio.internal:9000' }

it.each<readonly [string, Partial<Parameters<typeof jobAccess>[0]>, object]>([
  [
    'a profile of the pool’s files',
    { env: byProfile, credentials, config },
    { kind: 'keys', env: keys, region: 'eu-west-1' },
  ],
  ['a profile that nothing gives', { env: byProfile }, { kind: 'none', isSure: false }],
  ['a profile goes over variables', { env: { ...keys, ...byProfile } }, { kind: 'none' }],
  [
    'variables',
    { env: { ...keys, AWS_REGION: 'eu-west-1' } },
    { kind: 'keys', env: keys, region: 'eu-west-1' },
  ],
  ['variables without a region', { env: keys }, { kind: 'keys', env: keys }],
  [
    'the role’s profile',
    { env: { SEMAPHORE_CACHE_AWS_PROFILE: 'default' }, role },
    { kind: 'role', region: 'eu-central-1' },
  ],
  ['the role’s profile by default', { env: {}, role }, { kind: 'role', region: 'eu-central-1' }],
  [
    'a closed metadata service',
    { env: { SEMAPHORE_CACHE_USE_EC2_INSTANCE_PROFILE: 'true' }, role },
    { kind: 'none', isSure: true },
  ],
  [
    'an open metadata service',
    { env: { SEMAPHORE_CACHE_USE_EC2_INSTANCE_PROFILE: 'true' }, isMetadataOpen: true },
    { kind: 'role' },
  ],
  ['nothing', { env: {} }, { kind: 'none', isSure: false }],
  [
    'a compatible store’s own keys',
    { env: { ...store, SEMAPHORE_CACHE_S3_KEY: 'id', SEMAPHORE_CACHE_S3_SECRET: 'secret' } },
    { kind: 'keys', env: keys, region: 'auto' },
  ],
  ['half of them', { env: { ...store, SEMAPHORE_CACHE_S3_KEY: 'id' } }, { kind: 'none' }],
  [
    'a compatible store with variables',
    { env: { ...store, ...keys } },
    { kind: 'keys', env: keys, region: 'auto' },
  ],
])('a job’s way to its bucket: %s', (_, facts, access) => {
  expect(jobAccess({ env: {}, credentials: '', config: '', isMetadataOpen: false, ...facts })).toMatchObject(
    access,
  )
})
