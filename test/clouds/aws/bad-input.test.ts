import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jobs } from '../../support/round.ts'
import { type Moto, missingMoto, startMoto } from './moto.ts'
import { type StageOptions, setStage, subnetsOf } from './stage.ts'

const missing = missingMoto()
let moto: Moto
let subnets: readonly string[]
beforeAll(async () => {
  if (missing !== undefined) return
  moto = await startMoto()
  subnets = await subnetsOf(moto)
})
afterAll(() => moto?.[Symbol.asyncDispose]())

/** Bytes that gzip cannot make fewer. */
const noise = Array.from({ length: 6000 }, (_, at) => (at * 2_654_435_761).toString(36)).join('')
const manyTags = Object.fromEntries(Array.from({ length: 26 }, (_, at) => [`team-${at}`, 'x']))

type Case = readonly [
  name: string,
  options: StageOptions,
  code: number,
  words: readonly RegExp[],
  env: Readonly<Record<string, string>>,
]

const cases: readonly Case[] = [
  ['a region that is none', { spec: { region: 'us-nowhere-9' } }, 2, [/spec\.region/], {}],
  [
    'an image of another architecture',
    { spec: { types: ['m6g.large'] } },
    2,
    [/spec\.(image|types)/, /arm64/],
    {},
  ],
  ['an image that is not there', { spec: { image: 'ami-0123456789abcdef0' } }, 2, [/spec\.image/], {}],
  ['a type that is none', { spec: { types: ['q9.enormous'] } }, 2, [/spec\.types/], {}],
  [
    'a subnet that is not there',
    { spec: { subnets: ['subnet-0123456789abcdef0'] } },
    2,
    [/spec\.subnets/],
    {},
  ],
  ['more tags than there is room for', { spec: { tags: manyTags } }, 2, [/spec\.tags/, /25/], {}],
  [
    'user data over 16 KB',
    { pool: { bootstrap: { files: [{ path: '/etc/noise', content: noise }] } } },
    2,
    [/user data of pool linux/, /16384/],
    {},
  ],
  [
    'a grace period that is longer than the notice of a spot machine',
    { spec: { market: ['spot'] }, pool: { agent: { 'interruption-grace-period': 200 } } },
    2,
    [/pools\.linux\.agent\.interruption-grace-period/, /100 seconds/],
    {},
  ],
  ['no credentials', {}, 10, [/credentials/i], { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }],
  [
    'credentials that have expired',
    {
      decide: ({ action }) =>
        action.startsWith('Describe') ? { error: { status: 400, code: 'RequestExpired' } } : undefined,
    },
    10,
    [/credentials/i],
    {},
  ],
]

describe.skipIf(missing !== undefined)(`bad input for EC2 ${missing ?? ''}`, () => {
  it.each(cases)('%s is told before anything is launched', async (_, options, code, words, env) => {
    await using stage = await setStage(moto, subnets, { hub: { jobs: jobs(1, 'true') }, ...options })
    Object.assign(stage.round.home.env, env, { AWS_EC2_METADATA_DISABLED: 'true' })
    const ended = await stage.run('provision')
    expect(ended.code, ended.stderr).toBe(code)
    for (const word of words) expect(ended.stderr).toMatch(word)
    expect(ended.stderr, 'the next step').toMatch(/^Next: /m)
    expect(stage.front.count('RunInstances')).toBe(0)
  })

  it('a type that is not offered in the zone of a subnet is told before anything is launched', async () => {
    const spec = { types: ['c1.xlarge'], subnets: await subnetsOf(moto, 'us-east-1e') }
    await using stage = await setStage(moto, subnets, { hub: { jobs: jobs(1, 'true') }, spec })
    const ended = await stage.run('provision')
    expect(ended.code, ended.stderr).toBe(2)
    expect(ended.stderr).toMatch(/spec\.types.*c1\.xlarge.*us-east-1e/)
    expect(ended.stderr).toMatch(/^Next: /m)
    expect(stage.front.count('RunInstances')).toBe(0)
  })

  it('a literal token is refused, and not repeated', async () => {
    await using stage = await setStage(moto, subnets, {})
    const ended = await stage.run('provision', '--token', stage.round.hub.token)
    expect(ended.code).toBe(2)
    expect(ended.stdout + ended.stderr).not.toContain(stage.round.hub.token)
    expect(stage.front.passed).toEqual([])
  })
})
