import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  type AgentConfig,
  agentSettings,
  composeAgentConfig,
  renderConfigYml,
  validateAgentConfig,
} from '../../../src/agent/index.ts'

const text = fc.string({ unit: 'binary' }).filter(value => value.isWellFormed())
const values = { string: text, boolean: fc.boolean(), seconds: fc.nat(), list: fc.array(text) }
const anyConfig = fc.record(
  Object.fromEntries(agentSettings.map(row => [row.key, values[row.type] as fc.Arbitrary<unknown>])),
  { requiredKeys: [] },
) as fc.Arbitrary<AgentConfig>

describe('renderConfigYml', () => {
  it('is YAML that says the same', () => {
    fc.assert(
      fc.property(anyConfig, config => {
        expect(parse(renderConfigYml(config)) ?? {}).toEqual(config)
      }),
    )
  })

  it('is the same bytes whatever the order of the keys', () => {
    fc.assert(
      fc.property(anyConfig, config => {
        const turned = Object.fromEntries(Object.entries(config).toReversed())
        expect(renderConfigYml(turned)).toBe(renderConfigYml(config))
      }),
    )
  })

  it('holds nothing that Go refuses to read', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    const refused = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff\ufffe\uffff]/
    fc.assert(
      fc.property(anyConfig, config => {
        expect(renderConfigYml(config)).not.toMatch(refused)
      }),
    )
  })

  it('looks as a person would write it', () => {
    const config = { token: 't', endpoint: 'h', 'env-vars': ['A=1'], files: [], 'no-https': true }
    expect(renderConfigYml(config)).toBe(
      'endpoint: "h"\ntoken: "t"\nno-https: true\nenv-vars:\n  - "A=1"\nfiles: []\n',
    )
  })
})

describe('composeAgentConfig', () => {
  const basis = { endpoint: 'h', noHttps: false, token: 't', idleMs: 1500, agent: {} }

  it('always disconnects after one job, and after the idle time of the pool', () => {
    expect(composeAgentConfig(basis)).toEqual({
      endpoint: 'h',
      token: 't',
      'disconnect-after-job': true,
      'disconnect-after-idle-timeout': 2,
    })
  })

  it('lets what a person set go over the pool, and nothing over what agentctl owns', () => {
    const agent = { 'disconnect-after-idle-timeout': 7, 'disconnect-after-job': false }
    const unit = { name: 'agentctl-1', jobId: '123e4567-e89b-12d3-a456-426614174000', shutdownHookPath: '/h' }
    const config = composeAgentConfig({ ...basis, ...unit, noHttps: true, agent })

    expect(config).toEqual({
      endpoint: 'h',
      token: 't',
      name: 'agentctl-1',
      'job-id': unit.jobId,
      'no-https': true,
      'shutdown-hook-path': '/h',
      'disconnect-after-job': true,
      'disconnect-after-idle-timeout': 7,
    })
    expect(validateAgentConfig(config)).toEqual([])
  })
})
