import { expect, it } from 'vitest'
import { npmTrouble } from '../../../src/providers/npm-trouble.ts'

const said = (code: string, summary = 'as npm says') => ({
  isDone: false,
  stdout: JSON.stringify({ error: { code, summary, detail: '' } }),
  stderr: '',
})

it.each([
  ['ECONNREFUSED', 'unavailable', 'does not answer'],
  ['ENOTFOUND', 'unavailable', 'does not answer'],
  ['EAI_AGAIN', 'unavailable', 'does not answer'],
  ['ERR_SOCKET_TIMEOUT', 'unavailable', 'does not answer'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'unavailable', 'does not answer'],
  ['E503', 'unavailable', 'does not answer'],
  ['E404', 'invalid-spec', 'has no @a/b'],
  ['ETARGET', 'invalid-spec', 'has no @a/b'],
  ['E401', 'unauthenticated', 'cannot install @a/b'],
  ['E403', 'permission-denied', 'cannot install @a/b'],
  ['EROFS', 'permission-denied', 'cannot install @a/b'],
  ['E429', 'rate-limited', 'cannot install @a/b'],
  ['EBADENGINE', 'unsupported', 'cannot install @a/b'],
  ['ESOMETHING', 'unavailable', 'cannot install @a/b'],
])('%s of npm is %s', (npmCode, code, words) => {
  expect(npmTrouble('@a/b', said(npmCode))).toMatchObject({
    code,
    message: expect.stringContaining(words),
    hint: expect.stringContaining('Nothing was changed'),
  })
})

it.each([
  ['its last line', 'npm error one\nnpm error two\n', 'npm error two'],
  ['that it said nothing', '', 'it ended without a word'],
])('an end without JSON tells %s', (_, stderr, words) => {
  expect(npmTrouble('@a/b', { isDone: false, stdout: '', stderr }).message).toContain(words)
})
