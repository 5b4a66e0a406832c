import { contractError, isContractError } from '@agentctl/contract'
import { describe, expect, it } from 'vitest'
import { didYouMean, errorJson, renderError, toContractError } from '../../../src/errors/index.ts'

const token = '0f'.repeat(40)

describe('renderError', () => {
  it('says what failed, the fault, every problem with its place, and what to do', () => {
    const problems = [
      { path: 'owner', message: 'is missing', where: 'agentctl.yml', line: 3, column: 5 },
      { path: 'owner', message: 'is wrong', where: '--owner' },
      { path: '', message: 'is not YAML' },
    ]
    const error = contractError('invalid-spec', 'It failed', { fault: 'No.', problems, hint: 'mend it' })

    expect(renderError(error)).toEqual([
      'Error: It failed',
      '  In its own words: No.',
      '  agentctl.yml:3:5  owner: is missing',
      '  --owner  owner: is wrong',
      '  is not YAML',
      'Next: mend it',
    ])
  })

  it('hides secrets wherever they stand', () => {
    const problems = [{ path: 'x', message: `not ${token}` }]
    const error = contractError('internal', `m ${token}`, { fault: token, hint: token, problems })

    expect(renderError(error).join('\n')).not.toContain(token)
    expect(JSON.stringify(errorJson(error))).not.toContain(token)
  })
})

describe('errorJson', () => {
  it('has neither stack nor cause', () => {
    const error = contractError('unavailable', 'gone', { cause: new Error('inner'), hint: 'wait' })

    expect(errorJson(error)).toEqual({
      code: 'unavailable',
      message: 'gone',
      hint: 'wait',
      problems: [],
      exit: 12,
    })
  })
})

describe('toContractError', () => {
  it('leaves a contract error as it is', () => {
    const error = contractError('conflict', 'x')
    expect(toContractError(error)).toBe(error)
  })

  it.each([
    new TypeError('odd'),
    new Error(''),
    'text',
    undefined,
    null,
    3,
    Object.create(null),
    Symbol('s'),
  ])('makes an internal error of anything, and keeps it as the cause', thrown => {
    const error = toContractError(thrown)
    expect(isContractError(error) && error.code).toBe('internal')
    expect(error.message).not.toBe('')
    expect(error.cause).toBe(thrown)
  })
})

describe('didYouMean', () => {
  const keys = ['owner', 'endpoint', 'agent-types']

  it.each([
    ['ownr', '; did you mean owner?'],
    ['Agent_Types', '; did you mean agent-types?'],
    ['zebra', ''],
    ['x'.repeat(5000), ''],
  ])('of %.20s', (word, expected) => {
    expect(didYouMean(word, keys)).toBe(expected)
  })
})
