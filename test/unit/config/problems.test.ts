import { isContractError } from '@agentctl/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assemble } from '../../../src/config/assemble.ts'
import { parseConfig } from '../../../src/config/document.ts'
import type { LocatedProblem } from '../../../src/errors/index.ts'

function problemsOf(text: string): readonly LocatedProblem[] {
  const document = parseConfig(text, 'agentctl.yml')
  try {
    assemble({ document, file: 'agentctl.yml', flags: {}, env: {}, userName: 'ci', hostName: 'host' })
    return []
  } catch (error) {
    if (isContractError(error) && error.code === 'invalid-spec') return error.problems ?? []
    throw error
  }
}

/** The configuration, one key a line so that each problem has its own. */
const sound = [
  'endpoint: acme.semaphoreci.com',
  'agent-types:',
  '  s1-linux:',
  '    token: env:T',
  '    binding: job',
  '    pools:',
  '      - linux',
  'pools:',
  '  linux:',
  '    provider: sim',
  '    capacity:',
  '      max: 5',
  '    timeouts:',
  '      boot: 10m',
  '    agent:',
  '      env-vars: [A=1]',
  '    spec:',
  '      any: thing',
  'history:',
  '  keep: 14d',
  '  max-megabytes: 64',
  'prices:',
  '  currency: EUR',
  '  pools:',
  '    linux:',
  '      per-hour: 0.08',
  '      offerings:',
  '        c7i.large/spot: 0.03',
  'providers:',
  '  sim: {}',
]

type Change = readonly [line: number, change: string, path: string, message: RegExp]

const changes: readonly Change[] = [
  [20, '  keep: 1d', 'history.keep', /at least 2d/],
  [20, '  keep: soon', 'history.keep', /at least 2d/],
  [21, '  max-megabytes: 0', 'history.max-megabytes', /at least 8/],
  [23, '  currency: euro', 'prices.currency', /three letters/],
  [26, '      per-hour: -1', 'prices.pools.linux.per-hour', /at least 0/],
  [28, '        c7i.large/spot: cheap', 'prices.pools.linux.offerings["c7i.large/spot"]', /a number/],
  [1, 'endpoint: https://acme', 'endpoint', /without https/],
  [1, 'endpoint: acme\nownr: x', 'ownr', /not a key.*did you mean owner/],
  [4, '    token: literal-secret', 'agent-types.s1-linux.token', /reference/],
  [4, '    tokn: env:T', 'agent-types.s1-linux.tokn', /did you mean token/],
  [5, '    binding: jobs', 'agent-types.s1-linux.binding', /job or queue/],
  [7, '      - linus', 'agent-types.s1-linux.pools[0]', /no pool of that name; did you mean linux/],
  [10, '    provider: 3', 'pools.linux.provider', /a text, not a number/],
  [12, '      max: 0', 'pools.linux.capacity.max', /at least 1/],
  [12, '      max: 2.5', 'pools.linux.capacity.max', /whole number/],
  [12, '      idle: 1', 'pools.linux.capacity.idle', /binding: queue/],
  [14, '      boot: 600', 'pools.linux.timeouts.boot', /with units/],
  [14, '      boot: 0s', 'pools.linux.timeouts.boot', /longer than nothing/],
  [14, '      total: 14m', 'pools.linux.timeouts.total', /boot and timeouts.agent/],
  [16, '      env-vars: [A=b=c]', 'pools.linux.agent.env-vars[0]', /holds a `=`/],
  [16, '      env-var: [A=1]', 'pools.linux.agent.env-var', /did you mean env-vars/],
  [16, '      name: my-agent-1', 'pools.linux.agent.name', /cannot be set here/],
  [16, '      endpoint: acme', 'pools.linux.agent.endpoint', /top level/],
  [16, '      sha256: abc', 'pools.linux.agent.sha256', /64 hex/],
  [18, '    attempts: 0', 'pools.linux.attempts', /at least 1/],
  [18, '    token-delivery: presigned', 'pools.linux.token-delivery', /needs a `token-bucket`/],
  [18, '    token-delivery: signed', 'pools.linux.token-delivery', /inline or presigned/],
  [18, '    token-bucket: acme-tokens', 'pools.linux.token-bucket', /only with `token-delivery: presigned`/],
  [
    18,
    '    token-delivery: presigned\n    token-bucket: ACME',
    'pools.linux.token-bucket',
    /name of a bucket/,
  ],
  [
    18,
    '    shared: true\n    token-bucket: acme-tokens\n    token-delivery: presigned',
    'pools.linux.token-delivery',
    /shared pool/,
  ],
  [18, '    secret-env-vars:\n      A: env:B', 'pools.linux.secret-env-vars.A', /among the env-vars/],
  [18, '    secret-env-vars: { C: literal-secret }', 'pools.linux.secret-env-vars.C', /reference/],
  [
    18,
    '    bootstrap: { files: [{ path: /a }] }',
    'pools.linux.bootstrap.files[0]',
    /either content, or from/,
  ],
]

describe('problems', () => {
  it('has none with a sound file', () => {
    expect(problemsOf(sound.join('\n'))).toEqual([])
  })

  it.each(changes)('line %i as %j', (line, change, path, message) => {
    const written = change.split('\n')
    const text = sound.with(line - 1, change).join('\n')
    const at = line - 1 + written.length
    const problems = problemsOf(text).filter(problem => problem.path === path)

    expect(problems).toEqual([
      expect.objectContaining({ where: 'agentctl.yml', line: at, message: expect.stringMatching(message) }),
    ])
    const shown = text.split('\n')[at - 1] ?? ''
    expect(problems[0]?.column).toBeGreaterThan(shown.search(/\S/))
    expect(problems[0]?.message).not.toContain('literal-secret')
  })

  it('a token does not lie where jobs read and write', () => {
    const cached = '      env-vars: [SEMAPHORE_CACHE_S3_BUCKET=acme-cache]'
    const pool = '    token-delivery: presigned\n    token-bucket: acme-cache'
    const text = sound.with(15, cached).with(17, pool).join('\n')
    expect(problemsOf(text)).toContainEqual(
      expect.objectContaining({
        path: 'pools.linux.token-bucket',
        line: 19,
        message: expect.stringMatching(/the cache/),
      }),
    )
  })

  it('are told all at once', () => {
    const together = fc.subarray(
      changes.filter(([line, change]) => !change.includes('\n') && line !== 7 && line !== 12),
      { minLength: 1 },
    )
    fc.assert(
      fc.property(together, chosen => {
        const byLine = new Map(chosen.map(row => [row[0], row]))
        const text = sound.map((line, index) => byLine.get(index + 1)?.[1] ?? line).join('\n')
        const told = problemsOf(text).map(({ path }) => path)
        expect(told).toEqual(expect.arrayContaining([...byLine.values()].map(row => row[2])))
      }),
      { numRuns: 60 },
    )
  })

  it('have a place in the file, whatever stands in it', () => {
    const keys = [
      'owner',
      'pools',
      'agent-types',
      'token',
      'agent',
      'spec',
      'capacity',
      'schedules',
      's1-x',
      'a',
      '<<',
    ]
    const { tree } = fc.letrec<{ tree: unknown }>(tie => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.oneof(fc.integer(), fc.boolean(), fc.string(), fc.constant(null)),
        fc.dictionary(fc.constantFrom(...keys), tie('tree'), { noNullPrototype: true }),
        fc.array(tie('tree'), { maxLength: 3 }),
      ),
    }))
    fc.assert(
      fc.property(tree, value => {
        const text = JSON.stringify(value, null, 1)
        const problems = problemsOf(text)
        expect(problems.length).toBeGreaterThan(0)
        for (const { where, line, column } of problems) {
          expect(where).toBe('agentctl.yml')
          expect(text.split('\n').length).toBeGreaterThanOrEqual(line ?? Number.POSITIVE_INFINITY)
          expect(column).toBeGreaterThan(0)
        }
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['not YAML', 'a: [\nb: 1', 2],
    ['a key twice', 'owner: a\nowner: b', 2],
    ['no mapping', '- a', 1],
    ['an alias that leads nowhere', 'a: *b', 1],
  ])('tell of %s', (_, text, line) => {
    expect(problemsOf(text)[0]).toMatchObject({ line, where: 'agentctl.yml' })
  })

  it('find their place through an alias and next to a merge', () => {
    const text = [
      'endpoint: h',
      'pools:',
      '  one: &common',
      '    provider: sim',
      '    capacity: { max: 0 }',
      '  two:',
      '    <<: *common',
      '    attempts: 0',
      'agent-types: { s1-x: { pools: [one, two] } }',
    ].join('\n')
    expect(problemsOf(text).map(({ path, line }) => [path, line])).toEqual([
      ['pools.one.capacity.max', 5],
      ['pools.two.capacity.max', 6],
      ['pools.two.attempts', 8],
    ])
  })
})

describe('names', () => {
  it.each([
    ['pools:\n  Linux: { attempts: 0 }', 'pools.Linux', /1 to 31 characters/, 'pools.Linux.attempts'],
    ['agent-types:\n  linux: { pools: [] }', 'agent-types.linux', /must be s1-/, 'agent-types.linux.pools'],
  ])('are checked, and what stands under a wrong one too: %j', (section, path, message, inner) => {
    const told = problemsOf(`endpoint: h\n${section}`)
    expect(told.find(problem => problem.path === path)?.message).toMatch(message)
    expect(told.map(problem => problem.path)).toContain(inner)
  })
})

describe('rules that join keys', () => {
  it('let the whole life be boot and registration and nothing more', () => {
    expect(problemsOf(sound.with(13, '      total: 15m').join('\n'))).toEqual([])
  })

  const type = (binding: string, pools: string) =>
    `agent-types: { s1-x: { pools: ${pools}, binding: ${binding} } }`

  it.each([
    [
      `${type('queue', '[a]')}\npools: { a: { provider: sim, capacity: { min: 11 } } }`,
      'pools.a.capacity.min',
    ],
    [`${type('queue', '[a]')}\npools: { a: { provider: sim }, b: { provider: sim } }`, 'pools.b'],
    [`${type('queue', '[a, a]')}\npools: { a: { provider: sim } }`, 'agent-types.s1-x.pools[1]'],
    ['pools: { a: { provider: sim }, b: { provider: sim } }', 'agent-types'],
    [
      'agent-types: { s1-x: { pools: [a] }, s1-y: { pools: [a], token: env:Y } }\npools: { a: { provider: sim } }',
      'agent-types.s1-x.token',
    ],
  ])('%j', (text, path) => {
    expect(problemsOf(`endpoint: h\n${text}`).map(problem => problem.path)).toEqual([path])
  })

  it.each([
    ['{ cron: "0 8 * * 1-5", time-zone: Europe/Berlin, for: 10h, idle: 5 }', []],
    ['{ cron: "0 8 * *", time-zone: Europe/Berlin, for: 10h, idle: 5 }', ['cron']],
    ['{ cron: "0 8 * * *", time-zone: Europe/Nowhere, for: 10h, idle: 5 }', ['time-zone']],
    ['{ cron: "0 8 * * *", time-zone: UTC, for: 10, min: 99 }', ['for', 'min']],
    ['{ cron: "0 8 * * *", time-zone: UTC, for: 1h }', ['']],
  ])('schedule %s', (schedule, wrong) => {
    const pool = `pools: { a: { provider: sim, capacity: { schedules: [${schedule}] } } }`
    const told = problemsOf(`endpoint: h\n${type('queue', '[a]')}\n${pool}`)
    const path = 'pools.a.capacity.schedules[0]'
    expect(told.map(problem => problem.path)).toEqual(
      wrong.map(key => (key === '' ? path : `${path}.${key}`)),
    )
  })
})

it('a price is of a pool, and says something', () => {
  const pools = 'pools: { linux: { provider: sim } }\nendpoint: a.example\nprices: { pools: '
  expect(problemsOf(`${pools}{ linus: { per-hour: 1 } } }`)).toMatchObject([
    { path: 'prices.pools.linus', message: expect.stringMatching(/no pool.*did you mean linux/) },
  ])
  expect(problemsOf(`${pools}{ linux: {} } }`)).toMatchObject([
    { path: 'prices.pools.linux', message: expect.stringMatching(/per-hour, or offerings/) },
  ])
})
