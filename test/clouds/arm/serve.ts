import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type Answer, Refusal, refused } from './answers.ts'
import { type Cloud, subscription } from './cloud.ts'
import { type Handler, handlers } from './handlers.ts'
import { accessToken, services } from './services.ts'
import type { Certificates } from './tls.ts'
import type { Validate } from './validate.ts'

interface Route {
  readonly name: string
  readonly method: string
  readonly pattern: RegExp
  readonly names: readonly string[]
  readonly handler: Handler
}

const namespaceOf: Readonly<Record<string, string>> = {
  networkInterfaces: 'Microsoft.Network',
  publicIPAddresses: 'Microsoft.Network',
  virtualNetworks: 'Microsoft.Network',
  permissions: 'Microsoft.Authorization',
}

const routes: readonly Route[] = Object.entries(handlers).map(([name, handler]) => {
  const [method = '', written = ''] = name.split(' ')
  const isOfGroup = !written.startsWith('sub:')
  const path = written.replace('sub:', '')
  const namespace = namespaceOf[path.split('/')[0] ?? ''] ?? 'Microsoft.Compute'
  const whole = `${isOfGroup ? '/resourceGroups/:group' : ''}/providers/${namespace}/${path}`
  const names = [...whole.matchAll(/:(\w+)/g)].map(match => match[1] ?? '')
  const pattern = new RegExp(`^/subscriptions/${subscription}${whole.replaceAll(/:\w+/g, '([^/]+)')}$`, 'i')
  return { name, method, pattern, names, handler }
})

export interface Wire {
  readonly cloud: Cloud
  readonly validate: Validate
  readonly counts: Map<string, number>
  /** Exchanges that are not as Azure describes them. */
  readonly violations: string[]
  isTokenRejected: boolean
}

export interface Listening {
  readonly base: string
  close(): Promise<void>
}

export async function listen(wire: Wire, { key, cert }: Certificates): Promise<Listening> {
  const sockets = createServer({ key, cert }, (request, response) => {
    const { port } = sockets.address() as AddressInfo
    answer(wire, `https://127.0.0.1:${port}`, request, response).catch(error => {
      wire.violations.push(`the emulator itself failed: ${error}`)
      response.destroy()
    })
  })
  // A busy machine may look away for seconds: an idle connection that is closed just then breaks the next call.
  sockets.keepAliveTimeout = 60_000
  await new Promise<void>(resolve => sockets.listen(0, '127.0.0.1', resolve))
  const { port } = sockets.address() as AddressInfo
  return {
    base: `https://127.0.0.1:${port}`,
    async close() {
      sockets.closeAllConnections()
      await new Promise(resolve => sockets.close(resolve))
    },
  }
}

async function answer(
  wire: Wire,
  base: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', base)
  const { method = 'GET', headers } = request
  const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Uint8Array>)).toString()
  wire.cloud.timeline.catchUp()
  for (const service of services) {
    const answered = service(wire.cloud, { method, url, text, authorization: headers.authorization, base })
    if (answered) return send(response, answered)
  }
  const route = routes.find(one => one.method === method && one.pattern.test(url.pathname))
  if (!route) {
    wire.violations.push(`${method} ${url.pathname}: the emulator has no such method`)
    return send(response, refused(new Refusal(404, 'NotFound', 'nothing here')))
  }
  wire.counts.set(route.name, (wire.counts.get(route.name) ?? 0) + 1)
  const fault = wire.cloud.faults.take(route.name)
  if (fault?.kind === 'lose-request') return void request.socket.destroy()
  if (fault?.kind === 'status') {
    const { status, code, message = `The call was refused: ${code}` } = fault
    return send(response, refused(new Refusal(status, code, message, fault.headers)))
  }
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  const answered = await handle(wire, route, { url, body, headers, base })
  const wrong = await wire.validate({
    method,
    url,
    headers: plain(headers),
    body,
    answer: {
      status: answered.status,
      headers: { 'content-type': 'application/json', ...answered.headers },
      body: answered.body,
    },
  })
  wire.violations.push(...wrong)
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'lose-reply') return void request.socket.destroy()
  send(response, { ...answered, headers: { ...remaining(wire.cloud, method), ...answered.headers } })
}

function plain(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

/** What is left of the principal's calls, as ARM says it with each answer. */
function remaining({ knobs }: Cloud, method: string): Readonly<Record<string, string>> {
  const kind = method === 'GET' ? 'reads' : method === 'DELETE' ? 'deletes' : 'writes'
  if (!knobs.remaining) return {}
  knobs.remaining[kind] = Math.max(0, knobs.remaining[kind] - 1)
  return { [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(knobs.remaining[kind]) }
}

interface Asked {
  readonly url: URL
  readonly body: unknown
  readonly headers: IncomingMessage['headers']
  readonly base: string
}

async function handle(wire: Wire, route: Route, { url, body, headers, base }: Asked): Promise<Answer> {
  const [, ...values] = route.pattern.exec(url.pathname) ?? []
  const at = Object.fromEntries(
    route.names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]),
  )
  try {
    if (wire.isTokenRejected || headers.authorization !== `Bearer ${accessToken}`) {
      wire.isTokenRejected = false
      throw new Refusal(401, 'InvalidAuthenticationToken', 'The access token is invalid.')
    }
    return route.handler({
      cloud: wire.cloud,
      at,
      query: url.searchParams,
      headers,
      body,
      base,
      path: url.pathname,
    })
  } catch (error) {
    if (error instanceof Refusal) return refused(error)
    throw error
  }
}

/** A power state that Azure may have tomorrow. */
export const futurePower = 'dreaming'

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const isText = typeof body === 'string'
  response.writeHead(status, {
    ...(body !== undefined && { 'content-type': isText ? 'text/plain' : 'application/json; charset=utf-8' }),
    ...headers,
  })
  response.end(isText ? body : body === undefined ? '' : JSON.stringify(body))
}
