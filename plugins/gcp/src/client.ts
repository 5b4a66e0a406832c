import { type Clock, isContractError } from '@agentctl/contract'
import type { Credentials } from './credentials.ts'
import { type Endpoint, originOf } from './endpoint.ts'
import { createExchanges, type Exchange, faultOf, RequestError } from './exchange.ts'
import { type ClientName, type GeneratedClient, makeClient } from './sdk.ts'

/** One request of the compute API. */
export interface Request {
  readonly client: ClientName
  readonly method: string
  readonly request: object
  /** A read is made a second time when the connection breaks. */
  readonly isRead?: boolean
  /** The answer is a page; without it the answer is the resource itself. */
  readonly isPage?: boolean
}

export interface Bounds {
  readonly signal: AbortSignal
  /** Unit: milliseconds since the epoch. */
  readonly deadlineMs: number
}

export interface ComputeClient {
  /**
   * The answer, as the generated client decodes it.
   * @throws `RequestError` when it was refused or did not come, `unauthenticated` when it could not be sent
   */
  ask(request: Request, bounds: Bounds): Promise<unknown>
  close(): Promise<void>
}

interface Wanted {
  readonly endpoint: Endpoint
  readonly credentials: Credentials
  readonly project: string
  readonly clock: Clock
}

/** Clients of Compute Engine; each is loaded at its first request. */
export function openCompute({ endpoint, credentials, project, clock }: Wanted): ComputeClient {
  const exchanges = createExchanges()
  const clients = new Map<ClientName, Promise<GeneratedClient>>()
  const auth = {
    // The generated client only asks it for the universe.
    getClient: async () => ({}),
    async fetch(url: string, init: Init): Promise<Response> {
      return leave(credentials, exchanges.getStore(), url, init)
    },
  }
  const options = {
    projectId: project,
    auth,
    ...(endpoint.isOverridden && {
      apiEndpoint: endpoint.host,
      port: endpoint.port,
      protocol: endpoint.protocol,
    }),
  }
  const clientOf = (name: ClientName) => {
    const known = clients.get(name)
    if (known) return known
    const made = makeClient(name, options)
    clients.set(name, made)
    return made
  }

  async function once(wanted: Request, { signal, deadlineMs }: Bounds): Promise<unknown> {
    const client = await clientOf(wanted.client)
    const call = client.innerApiCalls[wanted.method]
    if (!call) throw new Error(`the client ${wanted.client} has no method ${wanted.method}`)
    const exchange: Exchange = { signal, isSent: false }
    const callOptions = {
      timeout: Math.max(1, deadlineMs - clock.now()),
      retry: null,
      ...(wanted.isPage && { autoPaginate: false }),
    }
    try {
      const [first, , whole] = await exchanges.run(exchange, () => call(wanted.request, callOptions))
      return wanted.isPage ? whole : first
    } catch (error) {
      throw failureOf(wanted, exchange, error)
    }
  }

  return {
    async ask(wanted, bounds) {
      try {
        return await once(wanted, bounds)
      } catch (error) {
        const isBroken = error instanceof RequestError && error.fault === undefined
        if (!wanted.isRead || !isBroken || bounds.signal.aborted) throw error
        return once(wanted, bounds)
      }
    },
    async close() {
      const opened = await Promise.allSettled(clients.values())
      for (const one of opened) if (one.status === 'fulfilled') await one.value.close()
    },
  }
}

/** As of `fetch`; the rest of it is passed on. */
interface Init {
  readonly signal?: AbortSignal
  readonly [name: string]: unknown
}

/** Sends a request, and notes on its exchange what only this place sees. */
async function leave(
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

function failureOf({ client, method }: Request, { refusal, isSent }: Exchange, error: unknown): unknown {
  const what = `${client}.${method}`
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
    const what = { client: endpoint.host as ClientName, method, request: {} }
    throw failureOf(what, exchange, error)
  }
}
