import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const token = 'ab12'.repeat(20)

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'agentctl-cli-config-'))
  writeFileSync(
    join(dir, 'sound.yml'),
    `owner: acme
endpoint: acme.semaphoreci.com
agent-types:
  s1-linux: { token: env:SEMAPHORE_AGENT_TOKEN, pools: [spot, steady] }
  s1-other: { token: file:/t, pools: [steady] }
pools:
  spot: { provider: sim, timeouts: { idle: 90s }, agent: { env-vars: [A=1, DB_PASSWORD=hunter2] }, secret-env-vars: { CACHE_KEY: env:CACHE_KEY } }
  steady: { provider: sim }
`,
  )
  writeFileSync(
    join(dir, 'wrong.yml'),
    `ownr: acme\napi-token: ${token}\npools:\n  a: { provider: sim, attempts: 0 }\n`,
  )
})
afterAll(() => rmSync(dir, { recursive: true }))

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { PATH = '' } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: dir,
    env: { PATH, HOME: dir, ...env },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const flagsOnly = ['--provider', 'sim', '--endpoint', '127.0.0.1:4000']

describe('config validate', () => {
  it('says what is configured', () => {
    expect(run(['config', 'validate', '--config', 'sound.yml'])).toEqual({
      status: 0,
      stdout: 'sound.yml is valid\nowner acme, agent types s1-linux, s1-other, pools spot, steady\n',
      stderr: '',
    })
  })

  it('tells every problem with its place, and exits with 2', () => {
    const { status, stdout, stderr } = run(['config', 'validate', '--config', 'wrong.yml'], {
      AGENTCTL_SHARED: 'x',
    })

    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr.split('\n')).toEqual([
      'Error: wrong.yml has 5 problems',
      '  AGENTCTL_SHARED  pools.a.shared: must be true or false, not a text',
      expect.stringMatching(/^ {2}wrong.yml:1:1 {2}endpoint: is missing/),
      expect.stringMatching(/^ {2}wrong.yml:1:1 {2}ownr: .*did you mean owner\?$/),
      expect.stringMatching(/^ {2}wrong.yml:2:1 {2}api-token: must be a reference/),
      '  wrong.yml:4:23  pools.a.attempts: must be at least 1',
      expect.stringMatching(/^Next: /),
      '',
    ])
    expect(stderr).not.toContain(token)
  })

  it('tells the same as JSON on standard output', () => {
    const { status, stdout, stderr } = run(['config', 'validate', '--config', 'wrong.yml', '--json'])
    const { error } = JSON.parse(stdout)

    expect(status).toBe(2)
    expect(stderr).toBe('')
    expect(Object.keys(error)).toEqual(['code', 'message', 'hint', 'problems', 'exit'])
    expect(error).toMatchObject({ code: 'invalid-spec', exit: 2 })
    expect(error.problems).toContainEqual({
      path: 'pools.a.attempts',
      message: 'must be at least 1',
      where: 'wrong.yml',
      line: 4,
      column: 23,
    })
    expect(stdout).not.toContain(token)
  })

  it('takes a wrong flag as any other problem', () => {
    const plain = run(['config', 'validate', '--bogus'])
    expect(plain).toMatchObject({ status: 2, stdout: '' })
    expect(plain.stderr).toContain('Nonexistent flag: --bogus\nNext: agentctl config validate --help')

    const json = run(['config', 'validate', '--metadata', 'ajar', '--json'])
    expect(json.status).toBe(2)
    expect(JSON.parse(json.stdout).error).toMatchObject({ code: 'invalid-spec', exit: 2, problems: [] })
  })

  it('says where an error came from when asked', () => {
    const { stderr } = run(['config', 'validate', '--verbose'])
    expect(stderr).toMatch(/^Error: The configuration has 2 problems\n.*\n {4}at /s)
  })
})

describe('config show', () => {
  it('prints a configuration that says the same when it is read again', () => {
    const first = run([
      'config',
      'show',
      '--config',
      'sound.yml',
      '--no-https',
      '--pool',
      'spot',
      '--set',
      'a.b=1',
    ])
    expect(first).toMatchObject({ status: 0, stderr: '' })
    writeFileSync(join(dir, 'again.yml'), first.stdout)

    expect(run(['config', 'show', '--config', 'again.yml']).stdout).toBe(first.stdout)
    expect(parse(first.stdout)).toMatchObject({
      'no-https': true,
      pools: { spot: { spec: { a: { b: 1 } } } },
    })
    expect(first.stdout).toContain('DB_PASSWORD=[hidden]')
  })

  it('explains where each value came from, secrets as references', () => {
    const env = { SEMAPHORE_AGENT_TOKEN: token, SEMAPHORE_API_TOKEN: token, AGENTCTL_OWNER: 'acme' }
    const { stdout } = run(['config', 'show', '--explain', ...flagsOnly, '--env-vars', 'A=1,B=2'], env)
    const rows = stdout.split('\n').map(line => line.split(/ {2,}/))

    expect(rows).toContainEqual(['owner', '"acme"', 'variable', 'AGENTCTL_OWNER'])
    expect(rows).toContainEqual([
      'api-token',
      '"env:SEMAPHORE_API_TOKEN"',
      'default',
      'SEMAPHORE_API_TOKEN is set',
    ])
    expect(rows).toContainEqual(['pools.sim.agent.env-vars', '["A=1","B=2"]', 'flag', '--env-vars'])
    expect(rows).toContainEqual(['pools.sim.attempts', '3', 'default', 'built in'])
    expect(stdout).not.toContain(token)
  })

  it('has the same as JSON', () => {
    const shown = JSON.parse(run(['config', 'show', '--json', ...flagsOnly]).stdout)
    expect(Object.keys(shown)).toEqual(['file', 'config', 'explained'])
    expect(shown).toMatchObject({ file: null, config: { pools: { sim: { provider: 'sim' } } } })
  })
})

describe('config schema', () => {
  it('is the JSON Schema, with and without --json', () => {
    const plain = run(['config', 'schema']).stdout
    expect(JSON.parse(plain)).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['pools'],
    })
    expect(JSON.parse(run(['config', 'schema', '--json']).stdout)).toEqual(JSON.parse(plain))
  })
})

describe('agent config', () => {
  const command = ['agent', 'config', '--config', 'sound.yml']

  it('is the file that an agent of the pool reads, with the reference in place of the token', () => {
    const { status, stdout } = run([...command, '--pool', 'spot', '--interruption-grace-period', '90'], {
      SEMAPHORE_AGENT_TOKEN: token,
    })
    expect(status).toBe(0)
    expect(parse(stdout)).toEqual({
      endpoint: 'acme.semaphoreci.com',
      token: 'env:SEMAPHORE_AGENT_TOKEN',
      'disconnect-after-job': true,
      'disconnect-after-idle-timeout': 90,
      'interruption-grace-period': 90,
      'env-vars': ['A=1', 'DB_PASSWORD=[hidden]', 'CACHE_KEY=env:CACHE_KEY'],
    })
  })

  it.each([
    [[], 'There are 2 pools: spot, steady'],
    [['--pool', 'spott'], 'did you mean spot?'],
    [['--pool', 'spot', '--agent-type', 's1-other'], 's1-other does not use the pool spot'],
    [['--pool', 'spot', '--disconnect-after-job'], 'cannot be set here: it is always true'],
  ])('refuses %j', (more, words) => {
    const { status, stderr } = run([...command, ...more])
    expect(stderr).toContain(words)
    expect(status).toBe(2)
  })
})
