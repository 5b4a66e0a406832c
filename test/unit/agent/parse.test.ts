import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCsv, toCsv } from '../../../src/agent/csv.ts'
import {
  type AgentSettingKey,
  agentSettings,
  parseAgentSettings,
  parseSetting,
  type SettingForm,
  variableOf,
} from '../../../src/agent/index.ts'

describe('the table', () => {
  it('has the 25 settings of `agent start`, each once', () => {
    const keys = agentSettings.map(({ key }) => key)
    expect(keys).toHaveLength(25)
    expect(new Set(keys).size).toBe(25)
  })

  it('gives a reason for every setting that a pool may not set', () => {
    const refused = agentSettings.filter(row => row.owner !== 'user')
    expect(refused.filter(row => !('refusal' in row))).toEqual([])
    expect(refused.map(({ key }) => key)).toEqual([
      'config-file',
      'endpoint',
      'token',
      'name',
      'name-from-env',
      'no-https',
      'shutdown-hook-path',
      'disconnect-after-job',
      'job-id',
    ])
  })

  it('names variables as the agent does', () => {
    expect(variableOf('disconnect-after-idle-timeout')).toBe('SEMAPHORE_AGENT_DISCONNECT_AFTER_IDLE_TIMEOUT')
  })
})

type Row = readonly [AgentSettingKey, SettingForm, unknown, unknown]

describe('parseSetting', () => {
  it.each<Row>([
    ['env-vars', 'flag', 'A=1,B=2', ['A=1', 'B=2']],
    ['env-vars', 'flag', ['A=1', '"B=2,3",C=4'], ['A=1', 'B=2,3', 'C=4']],
    ['env-vars', 'flag', '', []],
    ['env-vars', 'variable', ' A=1  B=2,3\n', ['A=1', 'B=2,3']],
    ['env-vars', 'yaml', ['A=1', 'B=2 3'], ['A=1', 'B=2 3']],
    ['source-pre-job-hook', 'flag', true, true],
    ['source-pre-job-hook', 'variable', 'T', true],
    ['source-pre-job-hook', 'variable', '0', false],
    ['source-pre-job-hook', 'yaml', false, false],
    ['interruption-grace-period', 'flag', '90', 90],
    ['interruption-grace-period', 'variable', '0', 0],
    ['interruption-grace-period', 'yaml', 90, 90],
    ['interruption-grace-period', 'yaml', -1, -1],
    ['upload-job-logs', 'variable', 'always', 'always'],
  ])('%s from a %s: %j', (key, form, raw, value) => {
    expect(parseSetting(key, raw, form)).toEqual({ value })
  })

  it.each<Row>([
    ['env-vars', 'flag', 'A="1"', /CSV/],
    ['env-vars', 'yaml', 'A=1 B=2', /list of texts/],
    ['env-vars', 'yaml', ['A=1', 2], /list of texts/],
    ['env-vars', 'yaml', { A: '1' }, /list of texts/],
    ['source-pre-job-hook', 'variable', 'yes', /true or false/],
    ['source-pre-job-hook', 'variable', 'constructor', /true or false/],
    ['source-pre-job-hook', 'yaml', 'true', /true or false/],
    ['interruption-grace-period', 'variable', '5m', /whole number of seconds/],
    ['interruption-grace-period', 'variable', '010', /whole number of seconds/],
    ['interruption-grace-period', 'yaml', '90', /whole number of seconds/],
    ['interruption-grace-period', 'yaml', 1.5, /whole number of seconds/],
    ['interruption-grace-period', 'yaml', 2 ** 31, /at most/],
    ['kubernetes-default-image', 'yaml', 1.2, /a text/],
  ])('refuses %s from a %s: %j', (key, form, raw, problem) => {
    expect(parseSetting(key, raw, form)).toEqual({ problem: expect.stringMatching(problem as RegExp) })
  })

  it('reads back the items that a CSV flag was made of', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), items => {
        expect(parseCsv(toCsv(items))).toEqual(items)
      }),
    )
  })

  it('reads any text as CSV or refuses it, and ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ',', 'a', '\n') }), text => {
        const items = parseCsv(text)
        expect(items === undefined || items.every(item => typeof item === 'string')).toBe(true)
      }),
    )
  })
})

describe('parseAgentSettings', () => {
  it('tells everything that is wrong at once', () => {
    const { settings, problems } = parseAgentSettings({
      'env-vars': ['A=1'],
      'env-var': ['A=1'],
      name: 'my-agent',
      files: 'a:b',
    })

    expect(settings).toEqual({ 'env-vars': ['A=1'] })
    expect(problems).toEqual([
      { path: 'env-var', message: expect.stringMatching(/not a setting.*did you mean env-vars/) },
      { path: 'name', message: expect.stringMatching(/cannot be set here: agentctl names/) },
      { path: 'files', message: expect.stringMatching(/list/) },
    ])
  })
})
