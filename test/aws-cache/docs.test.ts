import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { actsOf, blocksOf } from '../docs/blocks.ts'
import { typePage, unsaid, worded } from '../docs/typed.ts'
import { newHome, run } from '../support/cli.ts'
import { putOnPath } from '../support/on-path.ts'
import { jobs, newRound } from '../support/round.ts'

const page = readFileSync(new URL('../../docs/cache.md', import.meta.url), 'utf8')
const texts = (info: string) =>
  blocksOf(page)
    .filter(block => block.info === info)
    .map(({ text }) => text)
/** Pieces of agentctl.yml, as the page shows them. */
const pieces = (real: (text: string) => string) => texts('yaml').map(text => parse(real(text)).pools)

const why = missingMoto()

describe.skipIf(why !== undefined)(`docs/cache.md${why ? ` (${why})` : ''}`, () => {
  let moto: Moto
  beforeAll(async () => {
    moto = await startMoto('eu-central-1')
  }, 90_000)
  afterAll(async () => moto?.[Symbol.asyncDispose]())

  it('holds: each of its commands does what it says, with what it prints', async () => {
    using home = newHome(moto.env)
    putOnPath(home)
    const config = join(home.folder, 'agentctl.yml')
    const linux = {
      provider: 'aws',
      spec: { region: 'eu-central-1', image: 'ami-0abcdef01', types: ['c7i.large'] },
    }
    writeFileSync(config, JSON.stringify({ pools: { linux } }))
    const keyFile = join(home.folder, 'cache.credentials')
    const words = {
      '/etc/agentctl/cache.credentials': keyFile,
      'https://minio.internal:9000': moto.url,
    }
    const real = (text: string) => worded(text, words)

    const { code, typed } = await typePage(home, actsOf(page), words)

    expect(code, typed.at(-1)?.output).toBe(0)
    expect(typed).toHaveLength(6)
    expect(typed.flatMap(unsaid)).toEqual([])
    const [written, , compatible] = pieces(real).map(pools => pools.linux)
    expect(parse(readFileSync(config, 'utf8')).pools.linux).toEqual({
      ...linux,
      ...written,
      spec: { ...linux.spec, ...written.spec },
    })
    const said = typed[3]?.output ?? ''
    expect(parse(said.slice(said.indexOf('pools:'))).pools.linux).toEqual(compatible)
    expect(existsSync(keyFile)).toBe(true)
  }, 60_000)
})

it('docs/cache.md: jobs of processes get the key as variables, and nobody else is shown it', async () => {
  const checks = [
    'SEMAPHORE_CACHE_S3_BUCKET:acme-cache-key',
    'AWS_ACCESS_KEY_ID:AKIDEXAMPLE',
    'AWS_SECRET_ACCESS_KEY:a/b+c',
  ]
  const commands = checks.map(one => `[ "$${one.replace(':', '" = "')}" ]`)
  await using round = await newRound({ jobs: jobs(1, ...commands) })
  const { hub, home } = round
  const keyFile = join(home.folder, 'cache.credentials')
  writeFileSync(
    keyFile,
    '[semaphore-cache]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = a/b+c\n',
  )
  const [, { here }] = pieces(text => text.replaceAll('/etc/agentctl/cache.credentials', keyFile))
  writeFileSync(
    join(home.folder, 'agentctl.yml'),
    JSON.stringify({ pools: { here: { provider: 'local', ...here } } }),
  )
  delete home.env.AGENTCTL_PROVIDER
  const ended = await run(home, 'provision', '--verbose')
  expect(ended).toMatchObject({ code: 0 })
  expect(hub.jobs()).toMatchObject([{ result: 'passed' }])
  expect(ended.stdout + ended.stderr).not.toContain('a/b+c')
})
