import { createHash, timingSafeEqual } from 'node:crypto'
import type { Asked } from '../../effects/http-listen.ts'

const loopbackNames: readonly string[] = ['127.0.0.1', 'localhost', '[::1]']

/** Whether what listens there is reached from this machine alone. */
export function isLoopback(address: string): boolean {
  return loopbackNames.includes(nameOf(address)) || address.startsWith('::1:')
}

/**
 * What stands between a request and the page. `open`: it may have it. `foreign`: a name that is not ours, as when a
 * site in the same browser points its own name here. `closed`: the token is missing or wrong. `absent`: there is no
 * page on an address that others reach, unless there is a token.
 */
export type Gate = 'open' | 'foreign' | 'closed' | 'absent'

/** Pure. A token is asked for wherever there is one; the name that was asked for counts on loopback. */
export function gateOf(
  { host, authorization }: Pick<Asked, 'host' | 'authorization'>,
  { address, token }: { readonly address: string; readonly token: string | undefined },
): Gate {
  const isLocal = isLoopback(address)
  if (isLocal && !loopbackNames.includes(nameOf(host))) return 'foreign'
  if (token === undefined) return isLocal ? 'open' : 'absent'
  const given = credentialOf(authorization)
  return given !== undefined && isSame(given, token) ? 'open' : 'closed'
}

/** `Bearer TOKEN`, or the password that a browser asks for, whatever the name. */
function credentialOf(authorization: string): string | undefined {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return value
  if (scheme.toLowerCase() !== 'basic') return undefined
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? []
  return password
}

/** Takes the same time however much of it is right. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}

/** `[::1]:80` is `[::1]`. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}
