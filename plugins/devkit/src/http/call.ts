import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'

export type HubEnv = { Bindings: HttpBindings }
export type Call = Context<HubEnv>

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string }

/** Agents send bodies without a Content-Type, so the body is read whatever the header says. */
export async function readJson<T>(
  call: Call,
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error } },
): Promise<Parsed<T>> {
  const text = await call.req.text()
  try {
    const checked = schema.safeParse(text === '' ? {} : JSON.parse(text))
    return checked.success ? { ok: true, value: checked.data } : { ok: false, why: checked.error.message }
  } catch {
    return { ok: false, why: 'not JSON' }
  }
}

/**
 * The token of `Authorization: Token x`, or the status to refuse with: the header must split on "Token " into exactly
 * two parts. Source: semaphoreio/semaphore self_hosted_hub/pkg/publicapi/auth.go, 2026-08.
 */
export function tokenOf(call: Call): string | undefined {
  const parts = (call.req.header('authorization') ?? '').split('Token ')
  return parts.length === 2 ? parts[1] : undefined
}

/** Under the name by which the caller reached the hub, so that it works from inside a container too. */
export function baseUrl(call: Call): string {
  return `http://${call.req.header('host') ?? '127.0.0.1'}`
}

export function remoteAddress(call: Call): string {
  return (call.env.incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

/** The caller never learns what became of its request. */
export function loseReply(call: Call): Response {
  call.env.incoming.socket.destroy()
  return RESPONSE_ALREADY_SENT
}

export function pause(milliseconds: number): Promise<void> {
  return milliseconds <= 0 ? Promise.resolve() : new Promise(resolve => setTimeout(resolve, milliseconds))
}
