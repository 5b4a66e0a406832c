import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CacheStore, CacheWish, Call } from '@agentctl/contract'
import gcp from '@agentctl/provider-gcp'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { startGce } from '../clouds/gce/index.ts'
import { createStores } from '../clouds/gce/storage.ts'
import { newHome, run } from '../support/cli.ts'
import { depsFor, silentLog } from './support.ts'

const stores = createStores()
const gce = await startGce({}, () => [stores.service])
afterAll(() => gce[Symbol.asyncDispose]())
beforeEach(() => {
  for (const map of [stores.buckets, stores.objects, stores.policies, stores.accounts, stores.secrets])
    map.clear()
  stores.writes.length = 0
})

const wish: CacheWish = { bucket: 'acme-cache', region: 'test-west1', expireDays: 14, access: 'role' }
const call = (): Call => ({
  signal: new AbortController().signal,
  deadlineMs: Date.now() + 20_000,
  log: silentLog,
})
const email = /^agentctl-cache-[0-9a-f]{15}@acme-project\.iam\.gserviceaccount\.com$/

async function store(owner = 'acme'): Promise<CacheStore> {
  const opened = await gcp.openCache?.(depsFor(gce, owner))
  if (!opened) throw new Error('there is no cache')
  return opened
}

describe('a cache in Cloud Storage', () => {
  it('has a private bucket, and an account with rights on its objects alone', async () => {
    const { steps, settings, key, region } = await (await store()).create(wish, call())

    expect(steps.map(({ outcome }) => outcome)).toEqual([
      'made',
      ...Array(4).fill('unchanged'),
      'made',
      'made',
    ])
    expect({ region, key }).toEqual({ region: 'test-west1', key: undefined })
    expect(settings).toEqual({
      envVars: { SEMAPHORE_CACHE_BACKEND: 'gcs', SEMAPHORE_CACHE_GCS_BUCKET: 'acme-cache' },
      spec: { 'service-account': expect.stringMatching(email) },
    })
    expect(stores.buckets.get('acme-cache')).toMatchObject({
      labels: { 'agentctl-owner': 'acme' },
      iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'enforced' },
      lifecycle: { rule: [{ action: { type: 'Delete' }, condition: { age: 14 } }, {}] },
    })
    const account = settings.spec['service-account']
    expect(stores.policies.get('acme-cache')?.bindings).toEqual([
      { role: 'roles/storage.objectUser', members: [`serviceAccount:${account}`] },
    ])
    expect(stores.accounts.get(String(account))).toMatchObject({
      description: 'agentctl-owner=acme',
      keys: [],
    })
  })

  it('is not changed by a second run, which gives no second key', async () => {
    const first = await (await store()).create({ ...wish, access: 'key' }, call())
    stores.writes.length = 0
    const second = await (await store()).create({ ...wish, access: 'key' }, call())

    expect(JSON.parse(first.key?.file ?? '')).toMatchObject({ type: 'service_account' })
    expect(first.settings.homeFiles).toEqual([
      { path: '.config/gcloud/application_default_credentials.json' },
    ])
    expect(JSON.stringify({ ...first, key: undefined })).not.toContain('pem-')
    expect(stores.writes).toEqual([])
    expect(second.key).toBeUndefined()
    expect(second.steps.every(({ outcome }) => outcome === 'unchanged')).toBe(true)
  })

  it('is mended where somebody has changed it, and shown as it stands', async () => {
    await (await store()).create(wish, call())
    Object.assign(stores.buckets.get('acme-cache') ?? {}, {
      iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'inherited' },
      lifecycle: {},
    })
    const wrong = (await (await store()).show(wish, call()))?.facts.filter(({ isRight }) => !isRight)
    expect(wrong?.map(({ subject }) => subject)).toEqual(['public access', 'expiry'])

    const { steps } = await (await store()).create(wish, call())

    const changed = steps.filter(({ outcome }) => outcome === 'changed')
    expect(changed.map(({ subject }) => subject)).toEqual(['public access', 'expiry'])
    const { facts, settings } = (await (await store()).show(wish, call())) ?? {}
    expect(facts?.every(({ isRight }) => isRight)).toBe(true)
    expect(settings?.spec['service-account']).toMatch(email)
  })

  it('goes with everything in it and all that was made along with it', async () => {
    await (await store()).create(wish, call())
    stores.objects.set(
      'acme-cache',
      Array.from({ length: 5 }, (_, at) => ({ name: `project/key ${at}`, generation: '1' })),
    )

    expect(await (await store()).delete(wish, call())).toBe('deleted')
    expect(await (await store()).delete(wish, call())).toBe('gone')

    expect([stores.buckets.size, stores.accounts.size]).toEqual([0, 0])
    expect(await (await store()).show(wish, call())).toBeUndefined()
  })

  it.each<[string, object]>([
    ['without a label', { name: 'acme-cache', location: 'US' }],
    ['of another owner', { name: 'acme-cache', location: 'US', labels: { 'agentctl-owner': 'others' } }],
    ['of another project', { name: 'acme-cache', isForeign: true }],
  ])('of a bucket %s nothing is touched', async (_, bucket) => {
    stores.buckets.set('acme-cache', bucket as never)
    const mine = await store()
    for (const act of [mine.create(wish, call()), mine.show(wish, call()), mine.delete(wish, call())]) {
      await expect(act).rejects.toMatchObject({ code: 'not-owned', hint: expect.any(String) })
    }
    expect(stores.writes).toEqual([])
  })

  it.each<[string, Partial<CacheWish>]>([
    ['a bad name', { bucket: 'Acme' }],
    ['the name of another', { bucket: 'my-google-cache' }],
    ['an endpoint', { endpoint: 'https://minio.internal' }],
  ])('with %s is refused before any call', async (_, change) => {
    const made = (await store()).create({ ...wish, ...change }, call())
    await expect(made).rejects.toMatchObject({ code: 'invalid-spec', problems: [{}] })
  })

  it('is in the region that it was made in', async () => {
    const { region: _, ...nowhere } = wish
    await expect((await store()).create(nowhere, call())).rejects.toMatchObject({ code: 'invalid-spec' })
    await (await store()).create(wish, call())
    expect(await (await store()).create(nowhere, call())).toMatchObject({ region: 'test-west1' })
    const moved = (await store()).create({ ...wish, region: 'test-east1' }, call())
    await expect(moved).rejects.toMatchObject({ code: 'invalid-spec' })
  })

  it('is made by the command line, with the key in a file for the user alone', async () => {
    using home = newHome(gce.env as Record<string, string>)
    writeFileSync(join(home.folder, 'agentctl.yml'), 'owner: acme\n')
    const args = [
      '--provider',
      'gcp',
      '--region',
      'test-west1',
      '--access',
      'key',
      '--key-file',
      'key.json',
      '--json',
    ]

    const ended = await run(home, 'cache', 'create', '--bucket', 'acme-cache', ...args)

    expect(ended.stderr).toBe('')
    const told = JSON.parse(ended.stdout)
    expect(told).toMatchObject({ bucket: 'acme-cache', region: 'test-west1' })
    expect(ended.stdout).not.toContain('pem-')
    const file = join(home.folder, 'key.json')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ type: 'service_account' })
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})

describe('gcp-secret:', () => {
  const read = (ref: string) => gcp.readSecret?.(ref, depsFor(gce, 'acme')) ?? Promise.reject()
  const path = 'projects/acme-project/secrets/token/versions/latest'

  it.each([path, 'projects/acme-project/secrets/token', 'token'])(
    '%s is read from Secret Manager',
    async name => {
      stores.secrets.set(path, 'the-value\n')
      expect(await read(`gcp-secret:${name}`)).toBe('the-value\n')
    },
  )

  it('is made where there is none, and gets a new version where there is one', async () => {
    for (const value of ['first-value', 'second-value']) {
      await gcp.writeSecret?.('gcp-secret:made', value, depsFor(gce, 'acme'))
      expect(await read('gcp-secret:made')).toBe(value)
    }
    const fixed = gcp.writeSecret?.(`gcp-secret:${path.replace('latest', '3')}`, 'x', depsFor(gce, 'acme'))
    await expect(fixed).rejects.toMatchObject({ code: 'unsupported' })
  })

  it('says what is missing, and nothing of the value', async () => {
    await expect(read(`gcp-secret:${path}`)).rejects.toMatchObject({
      code: 'invalid-spec',
      message: `There is no secret ${path}`,
    })
    await expect(read('gcp-secret:a/b')).rejects.toMatchObject({ code: 'invalid-spec' })
  })
})
