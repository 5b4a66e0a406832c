import { describe, expect, it } from 'vitest'
import { gateOf } from '../../../src/cli/page/gate.ts'

const token = 'a-token-of-some-length'
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

describe('the page on loopback', () => {
  const on = (host: string, given: string | undefined = undefined, authorization = '') =>
    gateOf({ host, authorization }, { address: '127.0.0.1:9464', token: given })

  it.each(['127.0.0.1:9464', 'localhost:9464', 'LOCALHOST', '[::1]:9464'])(
    'is open to who asks for %s',
    host => expect(on(host)).toBe('open'),
  )

  it.each([
    'rebound.example',
    'rebound.example:9464',
    '127.0.0.1.rebound.example',
    'localhost.rebound.example:9464',
    '',
    '10.0.0.1',
  ])('is closed to a browser that came by the name "%s"', host => expect(on(host)).toBe('foreign'))

  it('asks for a token where there is one, and the name counts all the same', () => {
    expect(on('localhost', token)).toBe('closed')
    expect(on('localhost', token, `Bearer ${token}`)).toBe('open')
    expect(on('rebound.example', token, `Bearer ${token}`)).toBe('foreign')
  })
})

describe('the page on an address that others reach', () => {
  const at = (authorization: string, given: string | null = token) =>
    gateOf(
      { host: 'ci.acme.example:9464', authorization },
      { address: '0.0.0.0:9464', token: given ?? undefined },
    )

  it('is not there without a token', () => expect(at('', null)).toBe('absent'))

  it.each([`Bearer ${token}`, `bearer ${token}`, basic(`me:${token}`), basic(`:${token}`)])(
    'is open to %s',
    given => expect(at(given)).toBe('open'),
  )

  it.each([
    '',
    token,
    `Bearer ${token}x`,
    'Bearer ',
    basic(token),
    basic(`${token}:`),
    basic('me:'),
    'Basic !!!',
    `Digest ${token}`,
  ])('is closed to "%s"', given => expect(at(given)).toBe('closed'))
})
