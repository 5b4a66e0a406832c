import { contractError, hasCode } from '@agentctl/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSecretRef, resolveSecret, type SecretSources } from '../../../src/config/index.ts'
import { secretSchemes } from '../../../src/config/types.ts'

const sources: SecretSources = {
  env: { TOKEN: ' value\n', EMPTY: ' ' },
  readFile: async path =>
    path === '/token' ? 'from file\n' : Promise.reject(new Error('ENOENT half-a-secret')),
  run: async command => `ran ${command}`,
  viaProvider: async ref => {
    if (ref.name === 'denied') throw contractError('permission-denied', 'no')
    return `${ref.scheme} of ${ref.name}`
  },
}

function refOf(text: string) {
  const ref = parseSecretRef(text)
  if (ref === undefined) throw new Error(`${text} is no reference`)
  return ref
}

describe('parseSecretRef', () => {
  it('reads every scheme', () => {
    for (const scheme of secretSchemes) {
      expect(parseSecretRef(`${scheme}:a_b`)).toEqual({ scheme, name: 'a_b', text: `${scheme}:a_b` })
    }
  })

  it('keeps colons of the name', () => {
    expect(parseSecretRef('command:echo a:b')?.name).toBe('echo a:b')
  })

  it.each(['', 'token', 'env:', 'env: ', 'env:a b', 'vault:x', 'ENV:X', ':x', 'ab'.repeat(40)])(
    'refuses %j',
    text => {
      expect(parseSecretRef(text)).toBeUndefined()
    },
  )

  it('takes no text without a scheme', () => {
    fc.assert(
      fc.property(
        fc.string().filter(text => !text.includes(':')),
        text => {
          expect(parseSecretRef(text)).toBeUndefined()
        },
      ),
    )
  })
})

describe('resolveSecret', () => {
  it.each([
    ['env:TOKEN', 'value'],
    ['file:/token', 'from file'],
    ['command:pass show it', 'ran pass show it'],
    ['gcp-secret:projects/p/secrets/s', 'gcp-secret of projects/p/secrets/s'],
  ])('%s', async (text, value) => {
    expect(await resolveSecret(refOf(text), sources)).toBe(value)
  })

  it.each([
    ['env:ABSENT', /empty/, 'set ABSENT'],
    ['env:EMPTY', /empty/, 'set EMPTY'],
    ['file:/absent', /could not be read/, '/absent'],
  ])('says of %s what to do', async (text, message, hint) => {
    const error = await resolveSecret(refOf(text), sources).catch((thrown: unknown) => thrown)

    expect(hasCode(error, 'unauthenticated') && error.message).toMatch(message)
    expect(error).toHaveProperty('hint', expect.stringContaining(hint))
    expect((error as Error).message).not.toContain('half-a-secret')
  })

  it('leaves the errors of a provider as they are', async () => {
    const denied = resolveSecret(refOf('aws-ssm:denied'), sources)
    await expect(denied).rejects.toMatchObject({ code: 'permission-denied' })
  })
})
