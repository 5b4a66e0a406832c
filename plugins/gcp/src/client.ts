import type { Clock } from '@agentctl/contract'
import type { Credentials } from './credentials.ts'
import type { Endpoint } from './endpoint.ts'
import { createExchanges, type Exchange, RequestError } from './exchange.ts'
import { type ClientName, type GeneratedClient, makeClient } from './sdk.ts'
import { failureOf, type Init, leave } from './wire.ts'

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
      throw failureOf(`${wanted.client}.${wanted.method}`, exchange, error)
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
