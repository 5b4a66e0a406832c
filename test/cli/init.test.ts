import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { commandOf, type Home, newHome, run } from '../support/cli.ts'
import { newRound } from '../support/round.ts'

let home: Home
beforeEach(() => {
  home = newHome()
})
afterEach(() => home[Symbol.dispose]())

const textOf = (place: Home, file = 'agentctl.yml') => readFileSync(join(place.folder, file), 'utf8')
const init = (...args: readonly string[]) => run(home, 'init', ...args)
const subscription = '00000000-0000-4000-8000-000000000000'
const acme = ['--endpoint', 'acme.semaphoreci.com', '--provider'] as const

describe('init with nobody to ask', () => {
  it('takes what it sees for what nobody said, and says so', async () => {
    Object.assign(home.env, {
      AWS_PROFILE: 'ci',
      AWS_REGION: 'eu-central-1',
      SEMAPHORE_AGENT_TOKEN: 'secret-x',
    })
    const made = await init('--endpoint', 'acme.semaphoreci.com', '--agent-type', 's1-linux')
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toMatch(/^--provider +aws +AWS_PROFILE is set$/m)
    expect(made.stdout).toMatch(/^--region +eu-central-1 +AWS_REGION is set$/m)
    expect(made.stdout).toMatch(/\nNext: agentctl doctor\n$/)
    expect(parse(textOf(home))).toMatchObject({
      owner: 'test-ci',
      endpoint: 'acme.semaphoreci.com',
      'agent-types': { 's1-linux': { token: 'env:SEMAPHORE_AGENT_TOKEN', pools: ['aws'] } },
      pools: {
        aws: {
          provider: 'aws',
          spec: { region: 'eu-central-1', types: expect.any(Array), image: expect.stringMatching(/^ssm:/) },
          agent: { download: expect.stringMatching(/^v\d/) },
        },
      },
      providers: { aws: { profile: 'ci' } },
    })
    expect(textOf(home)).not.toContain('secret-x')
    expect(await run(home, 'config', 'validate')).toMatchObject({ code: 0 })
  })

  it('writes nothing where something is missing or wrong, and tells all of it', async () => {
    const ended = await init('--provider', 'lcal', '--token', 'a-literal', '--agent-type', 'linux')
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    for (const words of [
      '--endpoint: is missing, and there is no terminal',
      '--agent-type: must be s1-',
      '--token: must be a reference',
      '--provider: is not installed; did you mean local?',
    ]) {
      expect(ended.stderr).toContain(words)
    }
    expect(ended.stderr).not.toContain('a-literal')
    const wrong = await init(...acme, 'gcp', '--region', 'europe-west1', '--set', 'colour=red')
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('spec.colour: is not a known key'),
    })
    expect(existsSync(join(home.folder, 'agentctl.yml'))).toBe(false)
  })

  it('needs a name for the type only where its token is not in the usual place', async () => {
    const nameless = await init(...acme, 'local', '--json')
    expect(JSON.parse(nameless.stdout)).toMatchObject({
      agentType: null,
      missing: [],
      next: ['agentctl doctor'],
    })
    expect(parse(textOf(home))).not.toHaveProperty('agent-types')
    const other = await init(...acme, 'local', '--token', 'file:/t', '--force')
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('--agent-type: is missing') })
  })

  it('writes over nothing but by --force', async () => {
    writeFileSync(join(home.folder, 'agentctl.yml'), 'owner: mine\n')
    const kept = await init(...acme, 'local')
    expect(kept).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') })
    expect(textOf(home)).toBe('owner: mine\n')
    expect(await init(...acme, 'local', '--force', '--owner', 'acme')).toMatchObject({ code: 0 })
    expect(parse(textOf(home)).owner).toBe('acme')
    expect(readdirSync(home.folder).filter(name => name.includes('.new'))).toEqual([])
  })

  it.each<readonly [string, readonly string[], string]>([
    ['azure', ['--region', 'westeurope', '--set', `subscription=${subscription}`], 'subnet'],
    ['docker', [], 'image'],
    ['qemu', [], 'image'],
  ])('says which key of %s nobody can know', async (provider, args, key) => {
    const made = await init(...acme, provider, '--config', 'ci.yml', ...args, '--json')
    const { missing, next } = JSON.parse(made.stdout)
    expect(missing.map(({ path }: { path: string }) => path)).toEqual([`pools.${provider}.spec.${key}`])
    expect(next).toEqual(['agentctl doctor --config ci.yml'])
    expect(textOf(home, 'ci.yml')).toMatch(new RegExp(`^ +# Missing, and needed: ${key}\\.$`, 'm'))
    expect(await run(home, 'config', 'validate', '--config', 'ci.yml')).toMatchObject({ code: 0 })
  })

  it('takes keys of the spec, and a pool of another name', async () => {
    expect(await init(...acme, 'docker', '--set', 'image=ci/agent:1', '--pool', 'fast')).toMatchObject({
      code: 0,
    })
    expect(parse(textOf(home)).pools).toMatchObject({
      fast: { provider: 'docker', spec: { image: 'ci/agent:1' } },
    })
  })
})

describe('init with an API token', () => {
  it('leads to a green doctor with what it says comes next', async () => {
    await using round = await newRound()
    home[Symbol.dispose]()
    home = round.home
    for (const name of ['AGENTCTL_PROVIDER', 'AGENTCTL_AGENT_TYPE', 'SEMAPHORE_AGENT_TOKEN'])
      delete home.env[name]
    const made = await init('--provider', 'local', '--agent-type', 's1-new', '--json')
    expect(made.stderr).toBe('')
    const { next } = JSON.parse(made.stdout)
    expect(next).toEqual(['agentctl agent-type create s1-new', 'agentctl doctor'])
    for (const command of next) {
      const ended = await run(home, ...command.split(' ').slice(1))
      expect({ command, ...ended }).toMatchObject({ code: 0 })
    }
    const seen = await init('--provider', 'local', '--force', '--agent-type', round.hub.agentType, '--json')
    expect(JSON.parse(seen.stdout).next).toEqual(['agentctl doctor'])
  })

  it('proposes the only type that there is, and goes on where nobody answers', async () => {
    await using round = await newRound()
    home[Symbol.dispose]()
    home = round.home
    delete home.env.AGENTCTL_PROVIDER
    expect(await init('--provider', 'local')).toMatchObject({ code: 0, stderr: '' })
    expect(Object.keys(parse(textOf(home))['agent-types'])).toEqual([round.hub.agentType])
    await round.hub.close()
    const alone = await init('--provider', 'local', '--force')
    expect(alone).toMatchObject({ code: 0, stderr: expect.stringContaining('could not be looked up') })
    expect(parse(textOf(home))).not.toHaveProperty('agent-types')
  })
})

/** Types each answer once its question is there, and gives all that was on the terminal. */
async function typed(
  answers: readonly (readonly [question: string, answer: string])[],
  ...args: readonly string[]
) {
  const command = commandOf(home, ['init', ...args])
    .map(word => `'${word}'`)
    .join(' ')
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: home.folder,
    env: { ...home.env, TERM: 'xterm' },
  })
  let text = ''
  let seen = 0
  const waiting = [...answers]
  child.stdout.setEncoding('utf8').on('data', part => {
    text += part
    for (let at = next(); at >= 0; at = next()) {
      seen = at
      child.stdin.write(waiting.shift()?.[1] ?? '')
    }
  })
  const next = () => (waiting[0] ? text.indexOf(waiting[0][0], seen + 1) : -1)
  const code = await new Promise(resolve => child.on('close', resolve))
  return { code, text, unasked: waiting.map(([question]) => question) }
}

describe('init on a terminal', () => {
  it('asks for what it cannot know, takes Enter for what it proposes, and asks again for what is wrong', async () => {
    Object.assign(home.env, { AWS_REGION: 'us-east-1' })
    const { code, text, unasked } = await typed([
      ['Host of the Semaphore organization', 'https://acme.semaphoreci.com\r'],
      ['must be a host', 'acme.semaphoreci.com\r'],
      ['Agent type, s1-', 's1-linux\r'],
      ['registration token is', 'the-token-itself\r'],
      ['must be a reference', 'file:/etc/agentctl/token\r'],
      ['Provider (', '\r'],
      ['The region of its machines: [us-east-1: AWS_REGION is set]', 'eu-west-1\r'],
    ])
    expect({ code, unasked }, text).toEqual({ code: 0, unasked: [] })
    expect(parse(textOf(home))).toMatchObject({
      endpoint: 'acme.semaphoreci.com',
      'agent-types': { 's1-linux': { token: 'file:/etc/agentctl/token' } },
      pools: { aws: { spec: { region: 'eu-west-1' } } },
    })
    expect(text).toContain('Next: agentctl doctor')
  })

  it('asks nothing that a flag has said, and writes nothing after Ctrl-C', async () => {
    const { code, text } = await typed([['Agent type, s1-', '\u0003']], ...acme, 'local', '--token', 'env:T')
    expect(code, text).toBe(130)
    expect(text).not.toContain('Host of the')
    expect(existsSync(join(home.folder, 'agentctl.yml'))).toBe(false)
  })
})
