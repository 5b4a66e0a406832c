import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { newHome, run } from '../support/cli.ts'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

describe('a provider without a store', () => {
  it.each(['local', 'docker'])('says what works instead: %s', async provider => {
    using home = newHome()
    const { code, stderr } = await run(
      home,
      'cache',
      'create',
      '--provider',
      provider,
      '--bucket',
      'acme-cache',
    )
    expect(code).toBe(2)
    expect(stderr).toContain(`The provider ${provider} has no store that Semaphore's cache tool can use`)
    expect(stderr).toMatch(/compatible with it.*SFTP.*--endpoint URL/)
  })
})

const why = missingMoto()

describe.skipIf(why !== undefined)(`agentctl cache${why ? ` (${why})` : ''}`, () => {
  let moto: Moto
  beforeAll(async () => {
    moto = await startMoto('eu-central-1')
  }, 90_000)
  afterAll(async () => moto?.[Symbol.asyncDispose]())

  const aws = ['--provider', 'aws', '--bucket'] as const

  it('makes a cache with a role, says so twice, shows it, writes it down, and deletes it only when told to', async () => {
    using home = newHome(moto.env)
    const config = join(home.folder, 'agentctl.yml')
    const text = `# ours
pools:
  linux:
    provider: aws # the fast ones
    spec: { region: eu-central-1 }
  open:
    provider: aws
    metadata: open
agent-types:
  s1-linux: { token: env:T, pools: [linux, open] }
`
    writeFileSync(config, text)
    const first = await run(home, 'cache', 'create', ...aws, 'acme-cache')
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toMatch(/^bucket +made +acme-cache$/m)
    const printed = parse(first.stdout.slice(first.stdout.indexOf('pools:')))
    const variables = ['SEMAPHORE_CACHE_BACKEND=s3', 'SEMAPHORE_CACHE_S3_BUCKET=acme-cache']
    const spec = { 'instance-profile': 'agentctl-cache-acme-cache' }
    expect(printed.pools).toEqual({
      linux: { spec, agent: { 'env-vars': [...variables, 'SEMAPHORE_CACHE_AWS_PROFILE=default'] } },
      open: { spec, agent: { 'env-vars': [...variables, 'SEMAPHORE_CACHE_USE_EC2_INSTANCE_PROFILE=true'] } },
    })

    writeFileSync(join(home.folder, 'far.yml'), text.replace('region: eu-central-1', 'region: us-west-2'))
    const far = await run(home, 'cache', 'create', ...aws, 'acme-cache', '--config', 'far.yml')
    expect(far.stderr).toMatch(/another region than the cache.*pool=linux.*eu-central-1/)

    const second = await run(home, 'cache', 'create', ...aws, 'acme-cache', '--write-config', '--json')
    const told = JSON.parse(second.stdout)
    expect(told.steps.every((step: { outcome: string }) => step.outcome === 'unchanged')).toBe(true)
    const written = readFileSync(config, 'utf8')
    expect(parse(written).pools.linux).toEqual({
      provider: 'aws',
      ...told.config.pools.linux,
      spec: { region: 'eu-central-1', ...spec },
    })
    expect(written).toContain('# ours')
    expect(written).toContain('# the fast ones')
    expect((await run(home, 'config', 'validate')).stdout + second.stderr).not.toContain('problem')

    const shown = await run(home, 'cache', 'show', ...aws, 'acme-cache')
    expect(shown.stdout).toMatch(/^public access +right +blocked by all four switches$/m)
    expect(shown.stdout).not.toContain('wrong')

    const unasked = await run(home, 'cache', 'delete', ...aws, 'acme-cache')
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('say --yes') })
    const deleted = await run(home, 'cache', 'delete', ...aws, 'acme-cache', '--yes')
    expect(deleted).toMatchObject({ code: 0, stdout: 'The cache acme-cache is deleted.\n' })
    const gone = await run(home, 'cache', 'delete', ...aws, 'acme-cache', '--yes', '--json')
    expect(JSON.parse(gone.stdout)).toEqual({ bucket: 'acme-cache', outcome: 'gone' })
    expect(await run(home, 'cache', 'show', ...aws, 'acme-cache')).toMatchObject({ code: 2 })
  }, 60_000)

  it('writes an access key into a file for its user alone, and nowhere else', async () => {
    using home = newHome(moto.env)
    const create = ['cache', 'create', ...aws, 'acme-keyed', '--access', 'key']
    expect(await run(home, ...create)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--key-file'),
    })

    const file = join(home.folder, 'cache.credentials')
    const made = await run(home, ...create, '--key-file', 'cache.credentials', '--json', '--verbose')
    const [, id = '', secret = ''] =
      /_id = (\S+)\n.*secret_access_key = (\S+)\n$/.exec(readFileSync(file, 'utf8')) ?? []
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(secret.length).toBeGreaterThan(20)
    expect(made.stdout + made.stderr).not.toContain(secret)
    const { key, config } = JSON.parse(made.stdout)
    expect(key).toEqual({ id, file })
    expect(config.pools['my-pool'].bootstrap.files).toMatchObject([
      { path: '/home/semaphore/.aws/config', content: '[profile semaphore-cache]\nregion = eu-central-1\n' },
      { path: '/home/semaphore/.aws/credentials', from: `file:${file}`, mode: '0600', owner: 'semaphore' },
    ])

    const other = await run(home, ...create, '--key-file', 'another')
    expect(other.stdout).toMatch(/^access key +unchanged/m)
    expect(existsSync(join(home.folder, 'another'))).toBe(false)
    const nowhere = await run(home, ...create, '--key-file', 'no/such/folder')
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be written') })
  }, 60_000)

  it('refuses somebody else’s bucket, and pools of another cloud for a role', async () => {
    using home = newHome(moto.env)
    using others = newHome({ ...moto.env, AGENTCTL_OWNER: 'others' })
    await run(home, 'cache', 'create', ...aws, 'acme-mine', '--access', 'none')
    const refused = await run(others, 'cache', 'delete', ...aws, 'acme-mine', '--yes', '--json')
    expect(refused.code).toBe(70)
    expect(JSON.parse(refused.stdout).error).toMatchObject({ code: 'not-owned' })

    writeFileSync(join(home.folder, 'agentctl.yml'), 'pools: { here: { provider: docker } }\n')
    const elsewhere = await run(home, 'cache', 'create', ...aws, 'acme-mine', '--pool', 'here')
    expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining('--access key') })
  }, 60_000)

  it('takes the keys of a compatible store by reference, for itself and for the jobs', async () => {
    using home = newHome({ STORE_KEY: 'AKIDEXAMPLE', STORE_SECRET: 'the-secret-key' })
    const store = ['--endpoint', moto.url, '--s3-key', 'env:STORE_KEY', '--s3-secret', 'env:STORE_SECRET']
    const made = await run(home, 'cache', 'create', ...aws, 'acme-like', ...store, '--json')
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(made.stdout).config.pools['my-pool']['secret-env-vars']).toEqual({
      SEMAPHORE_CACHE_S3_KEY: 'env:STORE_KEY',
      SEMAPHORE_CACHE_S3_SECRET: 'env:STORE_SECRET',
    })
    expect(made.stdout).not.toContain('the-secret-key')
    const literal = [...store.slice(0, 3), 'AKID', '--s3-secret', 'the-secret-key']
    const refused = await run(home, 'cache', 'create', ...aws, 'acme-like', ...literal)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('must be a reference') })
    expect(refused.stderr).not.toContain('the-secret-key')
  }, 60_000)

  it('asks on a terminal, and takes anything but yes for no', async () => {
    using home = newHome(moto.env)
    await run(home, 'cache', 'create', ...aws, 'acme-asked', '--access', 'none')
    const answered = async (answer: string) => {
      const command = `${process.execPath} ${bin} cache delete ${aws.join(' ')} acme-asked`
      const child = spawn('script', ['-qec', command, '/dev/null'], { env: home.env, cwd: home.folder })
      let text = ''
      child.stdout.setEncoding('utf8').on('data', part => {
        text += part
        if (text.includes('[y/N]') && child.stdin.writable) child.stdin.end(`${answer}\n`)
      })
      await new Promise(resolve => child.on('close', resolve))
      return text
    }
    expect(await answered('')).toContain('The cache acme-asked is kept.')
    expect(await answered('yes')).toContain('The cache acme-asked is deleted.')
  }, 60_000)
})
