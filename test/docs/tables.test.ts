import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { agentSettings, validateAgentConfig } from '../../src/agent/index.ts'
import { assemble } from '../../src/config/assemble.ts'
import { parseConfig } from '../../src/config/document.ts'
import { flagOf, ownKeys, variableOfKey } from '../../src/config/keys.ts'
import { type PhaseFacts, phaseOf, phases } from '../../src/fleet/phases.ts'
import { filled, generated, generatedIn } from './generated/index.ts'
import { jointRules } from './generated/joint-rules.ts'
import { steps } from './generated/life.ts'
import { documented } from './generated/settings.ts'
import { pages, top } from './pages.ts'

const read = (path: string) => readFileSync(path, 'utf8')

describe('what is generated into pages', () => {
  it.each(pages)('$file says what the code says; otherwise run `npm run docs`', ({ path }) => {
    const text = read(path)
    expect(text).toBe(filled(text))
  })

  it('stands on a page, all of it', () => {
    const asked = pages.flatMap(({ path }) => generatedIn(read(path)))
    expect(asked.toSorted()).toEqual(Object.keys(generated).toSorted())
  })

  it('is found wrong on a page that was changed by hand', () => {
    const text = read(join(top, 'docs/configuration.md'))
    const changed = text.replace('| `10m` |', '| `11m` |')
    expect(changed).not.toBe(text)
    expect(filled(changed)).toBe(text)
  })
})

describe('docs/configuration.md', () => {
  const page = read(join(top, 'docs/configuration.md'))

  it('has words for every key', () => {
    expect(documented.filter(({ summary }) => summary === '').map(({ key }) => key)).toEqual([])
    expect(documented.length).toBeGreaterThan(50)
  })

  it('names every flag and every variable', () => {
    const named = ownKeys.flatMap(row => [`\`--${flagOf(row)}\``, `\`${variableOfKey(row)}\``])
    expect(named.filter(name => !page.includes(name))).toEqual([])
  })

  it('names every variable that the program reads', () => {
    const sources = globSync('src/**/*.ts', { cwd: top }).map(file => read(join(top, file)))
    const reading = /\benv\.((?:AGENTCTL|SEMAPHORE)_\w+)|'((?:AGENTCTL|SEMAPHORE)_(?!EOF|PY|FILE)\w+)'[,)]/g
    const variables = sources.flatMap(text => [...text.matchAll(reading)].map(found => found[1] ?? found[2]))
    // Those of the cache tool are a job's.
    const own = variables.filter(name => !name?.startsWith('SEMAPHORE_CACHE_'))
    expect(new Set(own).size).toBeGreaterThan(5)
    expect(own.filter(name => !page.includes(`\`${name}\``))).toEqual([])
  })

  it.each(jointRules)('$key: $rule', ({ breaks, at }) => {
    const input = { document: parseConfig(breaks, 'a.yml'), flags: {}, env: {}, userName: 'u', hostName: 'h' }
    let thrown: unknown
    try {
      assemble({ ...input, needsEndpoint: false })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ problems: [{ path: at }] })
  })

  it.each(agentSettings)('$key: the agent’s rule is one that is held, and there is no other', row => {
    const wrong = { string: 'no such thing (', boolean: true, seconds: -1, list: ['('] }[row.type]
    const config = { endpoint: 'h', token: 't', [row.key]: wrong }
    expect(validateAgentConfig(config).length > 0).toBe('rule' in row)
  })
})

describe('the life of a machine', () => {
  const nothing: PhaseFacts = {
    instance: undefined,
    isGone: false,
    isTerminateAsked: false,
    agent: 'unknown',
    hasAgentRegistered: false,
    hasAgentEnded: false,
    hasBeenOnline: false,
    wasDraining: false,
  }

  it('has every phase', () => {
    expect([...new Set(steps.map(({ to }) => to))].toSorted()).toEqual([...phases].toSorted())
  })

  it.each(steps.filter(({ facts }) => facts !== undefined))(
    '$from becomes $to: $when',
    ({ to, facts = {} }) => {
      const { state = 'running', ...rest } = facts
      const instance = { state } as PhaseFacts['instance']
      expect(phaseOf({ ...nothing, instance, ...rest })).toBe(to)
    },
  )
})
