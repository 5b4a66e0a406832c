import { isContractError } from '@agentctl/contract'
import type { Credentials } from './credentials.ts'
import { type Endpoint, originOf } from './endpoint.ts'
import { type Exchange, faultOf, RequestError } from './exchange.ts'

/** As of `fetch`; the rest of it is passed on. */
export interface Init {
  readonly signal?: AbortSignal
  readonly [name: string]: unknown
}

/** Sends a request, and notes on its exchange what only this place sees. */
export async function leave(
  credentials: Credentials,
  exchange: Exchange | undefined,
  url: string,
  init: Init,
): Promise<Response> {
  const signals = [init.signal, exchange?.signal].filter(signal => signal !== undefined)
  const signal = AbortSignal.any(signals)
  await credentials.headers(url)
  signal.throwIfAborted()
  if (exchange) exchange.isSent = true
  const response = await credentials.fetch(url, { ...init, signal, validateStatus: () => true })
  if (response.ok || !exchange) return response
  exchange.refusal = { status: response.status, text: await response.text() }
  throw new Error(`HTTP ${response.status}`)
}

/** What a request came to that was not answered well. `what` names it. */
export function failureOf(what: string, { refusal, isSent }: Exchange, error: unknown): unknown {
  if (refusal) {
    const fault = faultOf(refusal)
    return new RequestError(`${what}: ${fault.message}`, fault, fault.status >= 500, undefined)
  }
  const known = contractErrorIn(error)
  if (known) return known
  const mayHaveArrived = isSent && !isUnsent(error)
  return new RequestError(`${what}: ${messageOf(error)}`, undefined, mayHaveArrived, error)
}

/** What was thrown before the request left comes wrapped. */
function contractErrorIn(error: unknown): unknown {
  for (const one of causesOf(error)) if (isContractError(one)) return one
  return undefined
}

/** A connection that was never made carries no request. */
const unsentCodes: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]

function isUnsent(error: unknown): boolean {
  return causesOf(error).some(one => unsentCodes.includes(String((one as { code?: unknown }).code)))
}

function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = []
  for (let one = error; one instanceof Error && causes.length < 8; one = one.cause) causes.push(one)
  return causes
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A request to a service that has no generated client here, as JSON. @throws `RequestError`, `unauthenticated` */
export async function askJson(
  credentials: Credentials,
  endpoint: Endpoint,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: unknown },
  signal: AbortSignal,
): Promise<unknown> {
  const exchange: Exchange = { signal, isSent: false }
  const init = {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    responseType: 'stream',
  }
  try {
    const response = await leave(credentials, exchange, `${originOf(endpoint)}${path}`, init)
    const text = await response.text()
    return text === '' ? undefined : JSON.parse(text)
  } catch (error) {
    throw failureOf(`${method} ${endpoint.host}`, exchange, error)
  }
}
