import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { tokenStore } from '../../plugins/aws/src/tokens.ts'
import { openFront } from '../clouds/aws/front.ts'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { loopback } from '../support/loopback.ts'
import { callOf, depsFor, type Env, enforced, outOfBand, wishFor, withCache } from './support.ts'

/** A host whose credentials end that soon, as containers and roles have them. */
async function hostWith(leftMs: number) {
  const server = await loopback((_, response) => {
    const Expiration = new Date(Date.now() + leftMs).toISOString()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 's', Token: 't', Expiration }))
  })
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://${server.endpoint}/credentials`)
  return server
}

describe('credentials that end', () => {
  afterEach(() => vi.unstubAllEnvs())
  const stored = { bucket: 'acme-tokens', region: 'eu-central-1', key: 'agentctl/acme/s1-linux' }
  const sign = () => tokenStore(depsFor({})).sign(stored, { signedAt: Date.now(), validMs: 15 * minute })

  it.each([60, 5])('with %i minutes left sign a URL', async minutes => {
    await using _ = await hostWith(minutes * minute)
    expect(new URL(await sign()).searchParams.get('X-Amz-Security-Token')).toBe('t')
  })

  it('with 2 minutes left sign none, and are asked for anew', async () => {
    await using host = await hostWith(2 * minute)
    await expect(sign()).rejects.toMatchObject({
      code: 'unavailable',
      message: /credentials end in 1[12]\d s/,
    })
    expect(host.requests.length).toBeGreaterThan(1)
  })
})

const why = missingMoto()
const minute = 60_000

describe.skipIf(why !== undefined)(`tokens behind signed URLs${why ? ` (${why})` : ''}`, () => {
  let moto: Moto
  beforeAll(async () => {
    moto = await startMoto('eu-central-1')
    const wish = wishFor('acme-tokens', { access: 'none', expireDays: 0 })
    await withCache(moto.env, (store, call) => store.create(wish, call))
  }, 90_000)
  afterAll(async () => moto?.[Symbol.asyncDispose]())

  const place = { bucket: 'acme-tokens', agentType: 's1-linux' }
  const put = (token: string, env: Env = moto.env, at = place) => {
    const deps = depsFor(env)
    return tokenStore(deps).put(at, token, callOf(deps))
  }

  it('gives the token to whoever has the URL, and the new one after it was changed', async () => {
    const stored = await put('first-token')
    expect(JSON.stringify(stored)).not.toContain('first-token')
    const deps = depsFor(moto.env)
    const url = await tokenStore(deps).sign(stored, { signedAt: Date.now(), validMs: 15 * minute })
    expect(await (await fetch(url)).text()).toBe('first-token')

    expect(await put('second-token')).toEqual(stored)
    expect(await (await fetch(url)).text()).toBe('second-token')
    const { Contents } = await outOfBand(moto).s3.listObjectsV2({ Bucket: 'acme-tokens' })
    expect(Contents).toMatchObject([{ Key: 'agentctl/acme/s1-linux' }])
  })

  it('signs the same text for the same moment, from any process, without a call', async () => {
    const stored = await put('the-token')
    await using front = await openFront(moto.url)
    const env = { ...moto.env, AWS_ENDPOINT_URL: front.url }
    const window = { signedAt: Date.UTC(2026, 10, 26, 1, 2, 3, 456), validMs: 15 * minute }
    const sign = (change = {}) => tokenStore(depsFor(env)).sign(stored, { ...window, ...change })

    const url = await sign()
    expect(await sign({ signedAt: window.signedAt + 500 })).toBe(url)
    expect(new URL(url).searchParams.get('X-Amz-Date')).toBe('20261126T010203Z')
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('900')
    expect(await sign({ signedAt: window.signedAt + 1_000 })).not.toBe(url)
    expect(front.passed).toEqual([])
    await expect(sign({ validMs: 8 * 24 * 60 * minute })).rejects.toMatchObject({ code: 'invalid-spec' })
  })

  it('names the right that an upload needs', async () => {
    const { iam } = outOfBand(moto)
    await iam.createUser({ UserName: 'controller' })
    const { AccessKey } = await iam.createAccessKey({ UserName: 'controller' })
    const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {}
    const env = { ...moto.env, AWS_ACCESS_KEY_ID: AccessKeyId, AWS_SECRET_ACCESS_KEY: SecretAccessKey }
    await using _ = await enforced(moto)
    await expect(put('token', env)).rejects.toMatchObject({ hint: expect.stringContaining('s3:ListBucket') })
  })

  it('goes into no bucket that is not there, or not this account’s', async () => {
    const missing = put('token', moto.env, { ...place, bucket: 'acme-none' })
    await expect(missing).rejects.toMatchObject({
      code: 'invalid-spec',
      hint: expect.stringContaining('agentctl cache create --provider aws --bucket acme-none --access none'),
    })
    await using front = await openFront(moto.url)
    front.decide(({ method }) =>
      method === 'HEAD' ? { error: { status: 403, code: 'AccessDenied' } } : undefined,
    )
    const foreign = put('token', { ...moto.env, AWS_ENDPOINT_URL: front.url })
    await expect(foreign).rejects.toMatchObject({ code: 'not-owned' })
    expect(front.passed.filter(({ method }) => method === 'PUT')).toEqual([])
  })
})
