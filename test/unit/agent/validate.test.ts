import { describe, expect, it } from 'vitest'
import { type AgentConfig, validateAgentConfig, validateAgentSettings } from '../../../src/agent/index.ts'

const sound: AgentConfig = {
  endpoint: 'acme.semaphoreci.com',
  token: 'ab'.repeat(40),
  name: 'agentctl-0123',
  'disconnect-after-job': true,
  'job-id': '123e4567-e89b-12d3-a456-426614174000',
}

describe('validateAgentConfig', () => {
  it('finds nothing wrong with a sound configuration', () => {
    expect(validateAgentConfig(sound)).toEqual([])
  })

  it.each<readonly [AgentConfig, string, RegExp]>([
    [{ endpoint: 'https://acme.semaphoreci.com' }, 'endpoint', /without a scheme/],
    [{ endpoint: 'acme.semaphoreci.com/x' }, 'endpoint', /path/],
    [{ endpoint: 'h:70000' }, 'endpoint', /host/],
    [{ endpoint: '' }, 'endpoint', /host/],
    [{ token: '' }, 'token', /registration token/],
    [{ name: 'short' }, 'name', /8 to 80/],
    [{ name: 'x'.repeat(81) }, 'name', /8 to 80/],
    [{ name: 'has.a.dot' }, 'name', /letters, digits/],
    [{ 'job-id': 'not-a-uuid' }, 'job-id', /UUID/],
    [{ 'disconnect-after-job': false }, 'job-id', /disconnect-after-job/],
    [{ 'env-vars': ['A=1', 'B=secret=x'] }, 'env-vars[1]', /value of B holds a `=`/],
    [{ 'env-vars': ['A'] }, 'env-vars[0]', /NAME=VALUE/],
    [{ 'env-vars': ['=A'] }, 'env-vars[0]', /NAME=VALUE/],
    [{ 'env-vars': ['A=\0'] }, 'env-vars[0]', /NUL/],
    [{ 'env-vars': ['A=\ud800'] }, 'env-vars[0]', /Unicode/],
    [{ files: ['a:b:c'] }, 'files[0]', /second `:`/],
    [{ files: ['a'] }, 'files[0]', /HOSTPATH/],
    [{ files: [':b'] }, 'files[0]', /HOSTPATH/],
    [{ 'kubernetes-labels': ['a=b=c'] }, 'kubernetes-labels[0]', /KEY=VALUE/],
    [{ 'kubernetes-allowed-images': ['[a'] }, 'kubernetes-allowed-images[0]', /regular expression/],
    [{ 'kubernetes-allowed-images': ['(?=a)'] }, 'kubernetes-allowed-images[0]', /look-around/],
    [{ 'upload-job-logs': 'sometimes' }, 'upload-job-logs', /never, when-trimmed, always/],
    [{ 'disconnect-after-idle-timeout': -1 }, 'disconnect-after-idle-timeout', /negative/],
    [{ 'kubernetes-pod-start-timeout': -1 }, 'kubernetes-pod-start-timeout', /negative/],
    [{ 'interruption-grace-period': -1 }, 'interruption-grace-period', /negative/],
  ])('%j', (change, path, message) => {
    expect(validateAgentConfig({ ...sound, ...change })).toEqual([
      { path, message: expect.stringMatching(message) },
    ])
  })

  it('misses endpoint and token', () => {
    expect(validateAgentConfig({}).map(({ path }) => path)).toEqual(['endpoint', 'token'])
  })

  it('never repeats the value of a variable', () => {
    const problems = validateAgentSettings({ 'env-vars': ['KEY=hunter2=', 'hunter2'] })
    expect(problems).toHaveLength(2)
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  })

  it.each(['env-vars: [A=]', 'files: [/a:/b]', 'kubernetes-allowed-images: [(?i)^registry\\.example/.*]'])(
    'takes %s',
    line => {
      const [key, item] = line.split(/: \[|\]$/)
      expect(validateAgentSettings({ [key ?? '']: [item ?? ''] })).toEqual([])
    },
  )

  it('holds the grace against the notice that the cloud gives', () => {
    const settings = { 'interruption-grace-period': 101 }
    expect(validateAgentSettings(settings)).toEqual([])
    expect(validateAgentSettings(settings, { graceSecondsMax: 101 })).toEqual([])
    expect(validateAgentSettings(settings, { graceSecondsMax: 100 })).toEqual([
      { path: 'interruption-grace-period', message: expect.stringMatching(/at most 100/) },
    ])
  })
})
