import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SSM } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { type Ended, run, until } from '../support/cli.ts'
import { json, loopback } from '../support/loopback.ts'
import { jobs, newRound, type Round } from '../support/round.ts'
import { startOnTerminal } from '../support/terminal.ts'

let round: Round
beforeAll(async () => {
  round = await newRound()
  const { env, folder } = round.home
  for (const name of ['AGENTCTL_PROVIDER', 'AGENTCTL_AGENT_TYPE', 'SEMAPHORE_AGENT_TOKEN']) delete env[name]
  writeFileSync(
    join(folder, 'agentctl.yml'),
    `pools:
  here: { provider: local }
agent-types:
  s1-local: { token: file:local.token, pools: [here] }
  s1-mac: { token: file:mac.token, pools: [here] }
`,
  )
  writeFileSync(join(folder, 'local.token'), round.hub.token)
})
afterAll(() => round[Symbol.asyncDispose]())

const type = (...args: readonly string[]) => run(round.home, 'agent-type', ...args)
const at = (name: string) => join(round.home.folder, name)
const tokenIn = (name: string) => readFileSync(at(name), 'utf8').trim()
const token = /\b[0-9a-f]{80}\b/
const names = async () => {
  const { stdout } = await type('list', '--json')
  return JSON.parse(stdout).agentTypes.map(({ name }: { name: string }) => name)
}
/** What failed left nothing behind, and said nothing secret. */
async function untouched(ended: Ended, name: string, code = 2): Promise<void> {
  expect(ended.code, ended.stderr).toBe(code)
  expect(ended.stdout + ended.stderr).not.toMatch(token)
  expect(await names()).not.toContain(name)
  expect(readdirSync(round.home.folder).filter(file => file.endsWith('.new'))).toEqual([])
}

describe('agent-type create', () => {
  it('keeps the token where the configuration says, for its user alone, and it works', async () => {
    const made = await type('create', 's1-mac', '--release-after', '90')
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toBe(
      'The agent type s1-mac is made.\nIts registration token is stored as file:mac.token.\n',
    )
    expect(tokenIn('mac.token')).toMatch(token)
    expect(statSync(at('mac.token')).mode & 0o777).toBe(0o600)

    const shown = await type('show', 's1-mac', '--json')
    expect(JSON.parse(shown.stdout)).toMatchObject({
      name: 's1-mac',
      releaseAfterSeconds: 90,
      nameFrom: 'agent',
      pools: ['here'],
      token: { ref: 'file:mac.token', isAccepted: true },
    })
    const doctor = await run(round.home, 'doctor')
    expect(doctor.stdout).toMatch(/^ok +hub +token of s1-mac +accepted/m)
  })

  it('leaves one that is there as it is, and compares it', async () => {
    const before = tokenIn('mac.token')
    const same = await type('create', 's1-mac', '--release-after', '90', '--json')
    expect(same.code).toBe(0)
    expect(JSON.parse(same.stdout)).toMatchObject({
      outcome: 'unchanged',
      differences: [],
      token: { isAccepted: true },
    })
    const other = await type('create', 's1-mac')
    expect(other.code).toBe(2)
    expect(other.stdout).toMatch(/^release-after +90 s +0 s$/m)
    expect(tokenIn('mac.token')).toBe(before)
  })

  it('keeps what was in the file before beside it', async () => {
    writeFileSync(at('old.token'), 'of-another-time')
    expect(await type('create', 's1-old', '--token', 'file:old.token')).toMatchObject({ code: 0 })
    expect([tokenIn('old.token'), tokenIn('old.token.old')]).toEqual([
      expect.stringMatching(token),
      'of-another-time',
    ])
  })

  it('shows the token only when it is told to', async () => {
    const made = await type('create', 's1-seen', '--show-token', '--json')
    const { registrationToken, storedAs } = JSON.parse(made.stdout)
    expect([made.code, storedAs]).toEqual([0, null])
    expect(registrationToken).toMatch(token)
    const both = await type('create', 's1-both', '--show-token', '--token', 'file:both.token')
    expect(both.stdout).toContain(tokenIn('both.token'))
  })

  it.each<readonly [string, readonly string[], RegExp]>([
    ['a place that cannot be written to: none', [], /cannot be stored as env:SEMAPHORE_AGENT_TOKEN/],
    ['a command', ['--token', 'command:cat x'], /a command only prints/],
    ['no folder', ['--token', 'file:no/folder/token'], /cannot be written/],
    ['the place of another token', ['--token', 'file:local.token'], /where the token of s1-local is/],
    ['a literal', ['--token', 'a-literal'], /must be a reference/],
    ['a short hold of names', ['--release-after', '59', '--show-token'], /at least 60/],
    ['half of AWS', ['--name-from', 'aws-sts', '--show-token'], /needs --aws-account/],
  ])('makes nothing with %s', async (_, args, words) => {
    const ended = await type('create', 's1-never', ...args)
    expect(ended.stderr).toMatch(words)
    await untouched(ended, 's1-never')
  })

  it('makes nothing under a name that the hub would not take', async () => {
    const ended = await type('create', 'linux', '--show-token')
    expect(ended.stderr).toContain('must be s1-')
    await untouched(ended, 'linux')
  })

  it('takes the type back when its token cannot be kept after all', async () => {
    const ended = await type('create', 's1-lost', '--token', 'azure-keyvault:https://127.0.0.1:1/secrets/a')
    expect(ended.stderr).toMatch(/could not be stored as azure-keyvault:.*it was deleted again/)
    await untouched(ended, 's1-lost', 12)
  }, 60_000)

  it('names agents by AWS where that is wanted', async () => {
    const aws = ['--name-from', 'aws-sts', '--aws-account', '123456789012', '--aws-roles', 'ci-*']
    expect(await type('create', 's1-sts', '--token', 'file:sts.token', ...aws)).toMatchObject({ code: 0 })
    const again = await type('create', 's1-sts', '--token', 'file:sts.token', ...aws)
    expect(again.stdout).toContain('is there already, as it is wanted')
  })

  it('does not know what became of a request whose answer was lost, and says so', async () => {
    await using hub = await loopback((request, response) => {
      if (request.method === 'POST') response.destroy()
      else json(response, { agent_types: [] })
    })
    const ended = await type('create', 's1-half', '--token', 'file:half.token', '--endpoint', hub.endpoint)
    expect(ended.stderr).toMatch(/Whether the agent type s1-half was made is not known/)
    expect(ended.code).toBe(12)
    expect(existsSync(at('half.token'))).toBe(false)
  })
})

describe('agent-type list and show', () => {
  it('tell the types with the pools that serve them', async () => {
    const { stdout } = await type('list')
    expect(stdout).toMatch(/^s1-local +0 +agent +at once +here$/m)
  })

  it('say which token does not work, and which type there is not', async () => {
    const token = { SEMAPHORE_AGENT_TOKEN: 'no-such-token' }
    const home = { ...round.home, env: { ...round.home.env, ...token } }
    writeFileSync(
      at('wrong.yml'),
      'pools: { here: { provider: local } }\nagent-types: { s1-local: { pools: [here] } }\n',
    )
    const shown = await run(home, 'agent-type', 'show', 's1-local', '--config', 'wrong.yml')
    expect(shown.stdout).toMatch(/token at env:SEMAPHORE_AGENT_TOKEN does not work/)
    expect(shown.stdout + shown.stderr).not.toContain('no-such-token')
    const none = await type('show', 's1-loca')
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean s1-local?') })
  })

  it('need an API token with the right to ask', async () => {
    const { SEMAPHORE_API_TOKEN: _, ...env } = round.home.env
    const without = await run({ ...round.home, env }, 'agent-type', 'list')
    expect(without).toMatchObject({ code: 10, stderr: expect.stringContaining('none is configured') })
    const wrong = { ...env, SEMAPHORE_API_TOKEN: 'no-such-token' }
    const refused = await run({ ...round.home, env: wrong }, 'agent-type', 'list')
    expect(refused).toMatchObject({ code: 10, stderr: expect.stringContaining('self_hosted_agents.view') })
    expect(refused.stderr).not.toContain('no-such-token')
  })
})

describe('agent-type disable', () => {
  it('ends idle agents, and those with a job only when it is told to', async () => {
    await using busy = await newRound({ jobs: jobs(1, 'sleep 600') })
    const started = await run(busy.home, 'provision', '--count', '1', '--detach')
    expect(started.code, started.stderr).toBe(0)
    await until('the job runs', () => busy.hub.jobs()[0]?.state === 'running', 60_000)

    const idle = await run(busy.home, 'agent-type', 'disable', busy.hub.agentType)
    expect(idle.stdout).toMatch(/0 without a job end at their next sync; 1 with a job go on/)
    expect(busy.hub.agents()).toMatchObject([{ disabled: false }])

    const unasked = await run(busy.home, 'agent-type', 'disable', busy.hub.agentType, '--all')
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('say --yes') })
    const asked = startOnTerminal(busy.home, 'agent-type', 'disable', busy.hub.agentType, '--all', '--yes')
    expect((await asked.ended).stdout).toMatch(/1 with a job stop it/)
    expect(busy.hub.agents().every(({ disabled }) => disabled)).toBe(true)
    const ended = await run(busy.home, 'instances', 'terminate', '--all')
    expect(ended.code, ended.stderr).toBe(0)
  }, 120_000)
})

const why = missingMoto()

describe.skipIf(why !== undefined)(`a token that goes into a store of AWS${why ? ` (${why})` : ''}`, () => {
  let moto: Moto
  beforeAll(async () => {
    moto = await startMoto('eu-central-1')
    Object.assign(round.home.env, moto.env)
  }, 90_000)
  afterAll(async () => moto?.[Symbol.asyncDispose]())

  it.each(['aws-ssm:/ci/token', 'aws-secretsmanager:ci/token'])(
    '%s: encrypted, and read again',
    async ref => {
      const name = ref.startsWith('aws-ssm') ? 's1-ssm' : 's1-managed'
      const made = await type('create', name, '--token', ref)
      expect(made).toMatchObject({ code: 0, stderr: '' })
      expect(made.stdout).toContain(`token: ${ref}`)
      expect(made.stdout).not.toMatch(token)
      writeFileSync(
        at('stored.yml'),
        JSON.stringify({
          pools: { here: { provider: 'local' } },
          'agent-types': { [name]: { token: ref, pools: ['here'] } },
        }),
      )
      const shown = await type('show', name, '--config', 'stored.yml')
      expect(shown.stdout).toContain(`The token at ${ref} is accepted.`)
    },
  )

  it('as a parameter that is a secure string', async () => {
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
    const ssm = new SSM({ region: 'eu-central-1', endpoint: moto.url, credentials })
    expect((await ssm.getParameter({ Name: '/ci/token' })).Parameter?.Type).toBe('SecureString')
    ssm.destroy()
  })
})
