import { type ContractError, isContractError } from '@agentctl/contract'
import { describe, expect, it } from 'vitest'
import { userSettings, variableOf } from '../../../src/agent/index.ts'
import { assemble } from '../../../src/config/assemble.ts'
import { noDocument, parseConfig } from '../../../src/config/document.ts'
import { flagOf, ownKeys, variableOfKey } from '../../../src/config/keys.ts'
import { withValue } from '../../../src/config/path.ts'
import type { LocatedProblem } from '../../../src/errors/index.ts'

interface Given {
  readonly text?: string
  readonly flags?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

function assembled({ text, flags = {}, env = {} }: Given) {
  const document = text === undefined ? noDocument : parseConfig(text, 'agentctl.yml')
  const file = text === undefined ? {} : { file: 'agentctl.yml' }
  return assemble({ document, ...file, flags, env, userName: 'ci', hostName: 'host' })
}

function refused(given: Given): ContractError & { problems: readonly LocatedProblem[] } {
  try {
    assembled(given)
  } catch (error) {
    if (isContractError(error)) return Object.assign(error, { problems: error.problems ?? [] })
    throw error
  }
  throw new Error('it was accepted')
}

const base = {
  owner: 'acme',
  endpoint: 'file.example',
  'agent-types': { 's1-linux': { pools: ['linux'], binding: 'queue' } },
  pools: { linux: { provider: 'sim', timeouts: { total: '30h' }, agent: {} } },
}

/** Three values for each kind of setting, in the form that flag, variable and file have them. */
const kinds = {
  text: { flag: 'flag-1', variable: 'variable-1', file: 'file-1' },
  whole: { flag: '7', variable: '8', file: 9 },
  seconds: { flag: '7', variable: '8', file: 9 },
  list: { flag: ['A=1,B=2'], variable: 'A=1 C=3', file: ['D=4'] },
} as const
const special: Readonly<Record<string, { flag: unknown; variable: string; file: unknown }>> = {
  'api-token': { flag: 'env:FLAG', variable: 'env:VARIABLE', file: 'file:/f' },
  coordinator: { flag: 'env:FLAG', variable: 'env:VARIABLE', file: 'postgres://me@db.example/ci' },
  binding: { flag: 'queue', variable: 'job', file: 'queue' },
  metadata: { flag: 'open', variable: 'guarded', file: 'open' },
  'capacity.min': { flag: '1', variable: '2', file: 3 },
  'capacity.idle': { flag: '1', variable: '2', file: 3 },
  'capacity.scale-factor': { flag: '0.5', variable: '2', file: 3 },
  'capacity.scale-down-after': { flag: '1h', variable: '2h', file: '3h' },
  'agent.sha256': { flag: 'a'.repeat(64), variable: 'b'.repeat(64), file: 'c'.repeat(64) },
  'upload-job-logs': { flag: 'always', variable: 'never', file: 'when-trimmed' },
  files: { flag: ['a:b'], variable: 'c:d', file: ['e:f'] },
  switch: { flag: true, variable: 'false', file: true },
  duration: { flag: '1h', variable: '2h', file: '3h' },
  total: { flag: '40h', variable: '50h', file: '60h' },
}

function valuesOf(key: string, form: string) {
  if (key === 'timeouts.total') return special.total
  if (key.startsWith('timeouts.') || key === 'hold-on-failure') return special.duration
  if (form === 'boolean' || form === 'switch') return special.switch
  return special[key] ?? kinds[form === 'string' ? 'text' : (form as keyof typeof kinds)]
}

const places = { top: [], type: ['agent-types', 's1-linux'], pool: ['pools', 'linux'] } as const
const settings = [
  ...ownKeys.map(row => ({
    key: row.key,
    flag: flagOf(row),
    variable: variableOfKey(row),
    path: [...places[row.at], ...row.key.split('.')],
    values: valuesOf(row.key, row.form),
  })),
  ...userSettings.map(row => ({
    key: row.key,
    flag: row.key,
    variable: variableOf(row.key),
    path: ['pools', 'linux', 'agent', row.key],
    values: valuesOf(row.key, row.type),
  })),
]

describe('precedence', () => {
  it('is asked of every setting', () => {
    expect(settings).toHaveLength(ownKeys.length + 16)
  })

  const subsets = [0, 1, 2, 3, 4, 5, 6, 7].map(bits => ({
    hasFlag: (bits & 1) !== 0,
    hasVariable: (bits & 2) !== 0,
    hasFile: (bits & 4) !== 0,
  }))

  it.each(settings)(
    'of $key is flag, variable, file, whatever is given',
    ({ flag, variable, path, values }) => {
      for (const { hasFlag, hasVariable, hasFile } of subsets) {
        const bare = withValue(base, path, undefined)
        // What has no default is in every file that can be read.
        const isNeeded = ['owner', 'endpoint', 'provider'].includes(path.at(-1) ?? '')
        const text = JSON.stringify(hasFile || isNeeded ? withValue(base, path, values?.file) : bare)
        const found = assembled({
          text,
          flags: hasFlag ? { [flag]: values?.flag } : {},
          env: hasVariable ? { [variable]: values?.variable ?? '' } : {},
        })
        const explained = found.explained.find(({ key }) => key === path.join('.'))
        const fallen = hasFile || isNeeded ? 'file' : 'default'
        const source = hasFlag ? 'flag' : hasVariable ? 'variable' : fallen

        // A setting without a default is not there when nobody gives it.
        expect(explained?.source ?? 'default').toBe(source)
        const where = { flag: `--${flag}`, variable, file: 'agentctl.yml:1', default: 'built in' }[source]
        expect(explained?.where ?? 'built in').toContain(where)
      }
    },
  )

  it('takes a variable that is set to nothing as not set', () => {
    const found = assembled({
      text: JSON.stringify(base),
      env: { AGENTCTL_OWNER: '', SEMAPHORE_AGENT_FILES: '' },
    })
    expect(found.settings.owner).toBe('acme')
  })

  it('lets each --set go over its own key of the spec', () => {
    const text = JSON.stringify(withValue(base, ['pools', 'linux', 'spec'], { a: 1, b: { c: 2, d: 3 } }))
    const found = assembled({
      text,
      flags: { set: ['b.c=flag'] },
      env: { AGENTCTL_SET: 'b.c=variable b.d=variable' },
    })
    expect(found.settings.pools.linux?.spec).toEqual({ a: 1, b: { c: 'flag', d: 'variable' } })
    expect(found.explained.find(({ key }) => key === 'pools.linux.spec.b.c')?.where).toBe('--set')
    expect(found.explained.find(({ key }) => key === 'pools.linux.spec.b.d')?.where).toBe('AGENTCTL_SET')
    expect(found.locate('pools.linux.spec.b.c')).toEqual({ where: '--set' })
  })

  it('gives a setting of the agent to every pool, and a key of a pool to the one that is named', () => {
    const text = JSON.stringify({
      ...base,
      pools: { linux: { provider: 'sim' }, other: { provider: 'sim' } },
      'agent-types': { 's1-linux': { pools: ['linux', 'other'] } },
    })
    const flags = { pool: 'other', attempts: '9', 'env-vars': ['A=1'] }
    const { settings: found, selected } = assembled({ text, flags })

    expect(Object.values(found.pools).map(pool => pool.attempts)).toEqual([3, 9])
    expect(Object.values(found.pools).map(pool => pool.agent)).toEqual([
      { 'env-vars': ['A=1'] },
      { 'env-vars': ['A=1'] },
    ])
    expect(selected).toEqual({ pool: 'other' })
    expect(refused({ text, flags: { attempts: '9' } }).problems).toEqual([
      { path: 'attempts', message: expect.stringMatching(/--pool/), where: '--attempts' },
    ])
  })
})

describe('without a file', () => {
  const flags = { provider: 'local', endpoint: '127.0.0.1:4000', 'no-https': true }

  it('makes a pool after the provider and an agent type that nobody named', () => {
    const { settings: found } = assembled({ flags })

    expect(found).toMatchObject({ owner: 'ci-host', endpoint: '127.0.0.1:4000', noHttps: true })
    expect(found.agentTypes).toEqual({
      's1-default': {
        name: 's1-default',
        isNamed: false,
        token: { scheme: 'env', name: 'SEMAPHORE_AGENT_TOKEN', text: 'env:SEMAPHORE_AGENT_TOKEN' },
        binding: 'job',
        pools: ['local'],
      },
    })
    expect(found.pools.local).toMatchObject({
      provider: 'local',
      capacity: { max: 10, min: 0, idle: 0, schedules: [] },
      timeouts: {
        bootMs: 600_000,
        agentMs: 300_000,
        idleMs: 300_000,
        jobMs: 86_400_000,
        totalMs: 90_000_000,
      },
      attempts: 3,
    })
    expect(found).not.toHaveProperty('apiToken')
  })

  it('takes the same from variables alone', () => {
    const env = {
      AGENTCTL_PROVIDER: 'local',
      SEMAPHORE_AGENT_ENDPOINT: '127.0.0.1:4000',
      SEMAPHORE_AGENT_NO_HTTPS: '1',
      AGENTCTL_AGENT_TYPE: 's1-linux',
      AGENTCTL_POOL: 'mine',
      SEMAPHORE_API_TOKEN: 'value-of-the-api-token',
      SEMAPHORE_AGENT_TOKEN: 'value-of-the-token',
    }
    const found = assembled({ env })

    expect(found.settings.agentTypes['s1-linux']).toMatchObject({ isNamed: true, pools: ['mine'] })
    expect(found.settings.pools.mine?.provider).toBe('local')
    expect(found.settings.apiToken?.text).toBe('env:SEMAPHORE_API_TOKEN')
    expect(JSON.stringify(found)).not.toContain('value-of')
  })

  it('says what is missing', () => {
    const { problems, hint } = refused({})
    expect(problems.map(({ path }) => path)).toEqual(['endpoint', 'pools'])
    expect(hint).toContain('agentctl.yml')
  })

  it.each(['disconnect-after-job', 'name', 'job-id', 'shutdown-hook-path', 'config-file'])(
    'refuses %s, which agentctl owns',
    key => {
      const path = `agent.${key}`
      const message = expect.stringMatching(/cannot be set here/)
      expect(refused({ flags: { ...flags, [key]: 'x' } }).problems).toEqual([
        { path, message, where: `--${key}` },
      ])
      const env = { [variableOf(key)]: 'x' }
      expect(refused({ flags, env }).problems).toEqual([{ path, message, where: variableOf(key) }])
    },
  )
})

describe('the token', () => {
  it('is that of the flag, else of the variable of the agent, else of the file', () => {
    const text = JSON.stringify(withValue(base, ['agent-types', 's1-linux', 'token'], 'file:/t'))
    const env = { SEMAPHORE_AGENT_TOKEN: 'literal' }
    const tokenOf = (given: Given) =>
      assembled({ text, ...given }).settings.agentTypes['s1-linux']?.token.text

    expect(tokenOf({})).toBe('file:/t')
    expect(tokenOf({ env })).toBe('env:SEMAPHORE_AGENT_TOKEN')
    expect(tokenOf({ env, flags: { token: 'env:OTHER' } })).toBe('env:OTHER')
  })

  it('is never taken from the variable of the agent where there are several types', () => {
    const types = {
      's1-a': { token: 'env:A', pools: ['linux'] },
      's1-b': { token: 'env:B', pools: ['linux'] },
    }
    const text = JSON.stringify({ ...base, 'agent-types': types })
    const { settings: found } = assembled({ text, env: { SEMAPHORE_AGENT_TOKEN: 'literal' } })
    expect(Object.values(found.agentTypes).map(type => type.token.name)).toEqual(['A', 'B'])
  })

  it('is never repeated when a literal is refused', () => {
    const literal = 'c0ffee'.repeat(12)
    const text = JSON.stringify(withValue(base, ['agent-types', 's1-linux', 'token'], literal))
    const error = refused({ text, env: { AGENTCTL_API_TOKEN: literal } })
    expect(error.problems).toHaveLength(2)
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain(literal)
  })
})

it('keeps thirty days and 256 MB of history, and knows no price, where nobody says', () => {
  const { history, prices } = assembled({ text: JSON.stringify(base) }).settings
  expect(history).toEqual({ keepMs: 30 * 86_400_000, megabytesMax: 256 })
  expect(prices).toEqual({ currency: 'USD', pools: {} })
})
