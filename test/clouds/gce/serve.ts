import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, Refusal, refused } from './answers.ts'
import type { Cloud } from './cloud.ts'
import { checkExchange } from './discovery.ts'
import type { Faults } from './faults.ts'
import { type Handler, handlers } from './handlers.ts'
import type { Service } from './services.ts'

const root = '/compute/v1/projects/'

interface Route {
  readonly name: string
  readonly method: string
  readonly pattern: RegExp
  readonly names: readonly string[]
  readonly handler: Handler
}

const routes: readonly Route[] = Object.entries(handlers).map(([name, handler]) => {
  const [method = '', path = ''] = name.split(' ')
  const names = ['project', ...[...path.matchAll(/:(\w+)/g)].map(match => match[1] ?? '')]
  const pattern = new RegExp(`^${root}([^/]+)/${path.replaceAll(/:\w+/g, '([^/]+)')}$`)
  return { name, method, pattern, names, handler }
})

export interface Wire {
  readonly cloud: Cloud
  readonly faults: Faults
  /** Calls by route. */
  readonly counts: Map<string, number>
  /** Shapes that are not as Google describes them. */
  readonly violations: string[]
  /** What is asked besides Compute Engine. */
  readonly services: readonly Service[]
  isTokenRejected: boolean
}

export interface Listening {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

export async function listen(wire: Wire): Promise<Listening> {
  const sockets = createServer((request, response) => {
    answer(wire, request, response).catch(error => {
      wire.violations.push(`the emulator itself failed: ${error}`)
      response.destroy()
    })
  })
  // A busy machine may look away for seconds: an idle connection that is closed just then breaks the next call.
  sockets.keepAliveTimeout = 60_000
  await new Promise<void>(resolve => sockets.listen(0, '127.0.0.1', resolve))
  const { port } = sockets.address() as AddressInfo
  return {
    host: '127.0.0.1',
    port,
    async close() {
      sockets.closeAllConnections()
      await new Promise(resolve => sockets.close(resolve))
    },
  }
}

async function answer(wire: Wire, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://emulator')
  const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Uint8Array>)).toString()
  wire.cloud.timeline.catchUp()
  const { method = 'GET' } = request
  if (!url.pathname.startsWith(root)) {
    for (const service of wire.services) {
      const answered = await service({ method, url, text, headers: request.headers })
      if (answered) return send(response, answered)
    }
    wire.violations.push(`${method} ${url.pathname}: nobody answers that`)
    return send(response, refused(new Refusal(404, 'notFound', 'nothing here')))
  }
  const route = routes.find(one => one.method === method && one.pattern.test(url.pathname))
  if (!route) {
    wire.violations.push(`${method} ${url.pathname}: the emulator has no such method`)
    return send(response, refused(new Refusal(404, 'notFound', 'nothing here')))
  }
  wire.counts.set(route.name, (wire.counts.get(route.name) ?? 0) + 1)
  const fault = wire.faults.take(route.name)
  if (fault?.kind === 'lose-request') return void request.socket.destroy()
  if (fault?.kind === 'status') {
    const { status, reason, info } = fault
    return send(response, refused(new Refusal(status, reason, `The call was refused: ${reason}`, info)))
  }
  // The client sends an empty text where a method takes no body.
  const body = text === '' || text === '""' ? undefined : JSON.parse(text)
  const answered = await handle(wire, route, { url, body, authorization: request.headers.authorization })
  const { status, body: answerBody } = answered
  wire.violations.push(
    ...checkExchange({ method, url, request: body, status, response: asKnown(answerBody) }),
  )
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'lose-reply') return void request.socket.destroy()
  send(response, answered)
}

interface Asked {
  readonly url: URL
  readonly body: unknown
  readonly authorization: string | undefined
}

async function handle(wire: Wire, route: Route, { url, body, authorization }: Asked): Promise<Answer> {
  const { cloud, faults } = wire
  const [, ...values] = route.pattern.exec(url.pathname) ?? []
  const at = Object.fromEntries(
    route.names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]),
  )
  try {
    if (wire.isTokenRejected || !authorization?.startsWith('Bearer ')) {
      wire.isTokenRejected = false
      throw new Refusal(401, 'authError', 'Request had invalid authentication credentials.')
    }
    const ask = { cloud, at, query: url.searchParams, body, takeInsertFault: faults.takeInsert }
    return await route.handler(ask)
  } catch (error) {
    if (error instanceof Refusal) return refused(error)
    throw error
  }
}

/** A status that Google may have tomorrow: nothing else about it is taken as it is. */
export const futureStatus = 'HIBERNATING'

function asKnown(body: unknown): unknown {
  const text = JSON.stringify(body)
  return text && JSON.parse(text.replaceAll(`"status":"${futureStatus}"`, '"status":"RUNNING"'))
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=UTF-8',
    'metadata-flavor': 'Google',
  })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
