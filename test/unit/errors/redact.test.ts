import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redact } from '../../../src/errors/index.ts'

const token = 'ab12'.repeat(20)

describe('redact', () => {
  it.each([
    ['a registration token', `refused ${token}.`, 'refused [hidden].'],
    ['an Authorization header', 'Authorization: Token abc.def', 'Authorization: [hidden]'],
    ['one in JSON', '{"authorization":"Bearer xyz","host":"h"}', '{"authorization":"[hidden]","host":"h"}'],
    ['a bearer', 'sent Bearer eyJhbGciOi1234567 to', 'sent Bearer [hidden] to'],
    ['credentials of a URL', 'http://user:pass@proxy:3128/x', 'http://[hidden]@proxy:3128/x'],
    ['a signature', 'https://h/o?X-Amz-Signature=00ff&a=1', 'https://h/o?X-Amz-Signature=[hidden]&a=1'],
    ['a secret variable', 'AWS_SECRET_ACCESS_KEY=abc/d next', 'AWS_SECRET_ACCESS_KEY=[hidden] next'],
  ])('hides %s', (_, text, shown) => {
    expect(redact(text)).toBe(shown)
  })

  it.each([
    'env:SEMAPHORE_AGENT_TOKEN',
    'the token SEMAPHORE_AGENT_TOKEN_2 is not set',
    'https://acme.semaphoreci.com/api?page=2',
    'user@host and ab12ab12',
    'SEMAPHORE_CACHE_BACKEND=s3',
  ])('leaves %s alone', text => {
    expect(redact(text)).toBe(text)
  })

  it('leaves no known value in any form that text carries it in', () => {
    const secret = fc.string({ minLength: 6, maxLength: 40 }).filter(value => value.trim().length >= 6)
    fc.assert(
      fc.property(secret, value => {
        const forms = [value, encodeURIComponent(value), Buffer.from(value).toString('base64')]
        const shown = redact(`<${forms.join('> <')}>`, [value])
        // The notice itself may hold a short value such as `hidden`.
        const rest = shown.replaceAll('[hidden]', '')
        for (const form of forms) expect(rest).not.toContain(form)
      }),
    )
  })

  it('hides the longer of two secrets that begin alike', () => {
    expect(redact('x secret-longer y', ['secret', 'secret-longer'])).toBe('x [hidden] y')
  })

  it('passes over values that are too short to be secrets', () => {
    expect(redact('an apple', ['a', ''])).toBe('an apple')
  })
})
