import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { newHome, run } from '../support/cli.ts'
import { jobs, newRound } from '../support/round.ts'

const page = readFileSync(new URL('../../docs/cache.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    match => match[1] ?? '',
  )

const why = missingMoto()

describe.skipIf(why !== undefined)(`docs/cache.md${why ? ` (${why})` : ''}`, () => {
  let moto: Moto
  beforeAll(async () => {
    moto = await startMoto('eu-central-1')
  }, 90_000)
  afterAll(async () => moto?.[Symbol.asyncDispose]())

  it('holds: each of its commands does what it says, with what it prints', async () => {
    using home = newHome(moto.env)
    const config = join(home.folder, 'agentctl.yml')
    const linux = {
      provider: 'aws',
      spec: { region: 'eu-central-1', image: 'ami-0abcdef01', types: ['c7i.large'] },
    }
    writeFileSync(config, JSON.stringify({ pools: { linux } }))
    const keyFile = join(home.folder, 'cache.credentials')
    const real = (text: string) =>
      text
        .replaceAll('/etc/agentctl/cache.credentials', keyFile)
        .replaceAll('https://minio.internal:9000', moto.url)

    const commands = blocks('sh').flatMap(block => block.trim().split('\n'))
    expect(commands).toHaveLength(7)
    const outputs: string[] = []
    for (const command of commands) {
      const [program, ...args] = real(command).split(' ')
      expect(program).toBe('agentctl')
      const ended = await run(home, ...args)
      expect({ command, ...ended }).toMatchObject({ code: 0 })
      outputs.push(ended.stdout)
    }
    const [table = ''] = blocks('')
    expect(outputs[0]).toContain(table.trim())
    const [written, , compatible] = blocks('yaml').map(text => parse(real(text)).pools.linux)
    expect(parse(readFileSync(config, 'utf8')).pools.linux).toEqual({
      ...linux,
      ...written,
      spec: { ...linux.spec, ...written.spec },
    })
    const said = outputs[3] ?? ''
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
  const { here } = parse(
    (blocks('yaml')[1] ?? '').replaceAll('/etc/agentctl/cache.credentials', keyFile),
  ).pools
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
