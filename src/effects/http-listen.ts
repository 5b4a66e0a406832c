import { createServer, type ServerResponse } from 'node:http'

/** What is looked at of a GET or HEAD. */
export interface Asked {
  readonly path: string
  /** The header, with its port; empty where there is none. */
  readonly host: string
  /** The header; empty where there is none. */
  readonly authorization: string
}

export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer that goes on: `begin` is given what sends, and a signal that is aborted when nobody listens any more. */
export interface Endless {
  readonly type: string
  readonly headers?: Readonly<Record<string, string>>
  readonly begin: (send: (text: string) => void, gone: AbortSignal) => void
}

export interface Listening extends AsyncDisposable {
  /** `127.0.0.1:9464` */
  readonly address: string
}

/** Answers GET requests; 404 where `answer` gives undefined. Rejects when the address cannot be had. */
export async function listen(
  { host, port }: { readonly host: string; readonly port: number },
  answer: (asked: Asked) => Promise<Answer | Endless | undefined>,
): Promise<Listening> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://here')
    const { host = '', authorization = '' } = request.headers
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const found = isRead ? answer({ path: pathname, host, authorization }) : Promise.resolve(undefined)
    found.then(
      given => give(response, given, request.method === 'HEAD'),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    address: `${host}:${bound}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const notFound: Answer = { status: 404, type: 'text/plain', body: 'not found\n' }

function give(response: ServerResponse, given: Answer | Endless = notFound, isHead: boolean): void {
  const headers = { 'content-type': given.type, ...given.headers }
  if ('body' in given) {
    response.writeHead(given.status, headers).end(given.body)
    return
  }
  response.writeHead(200, headers)
  if (isHead) {
    response.end()
    return
  }
  response.flushHeaders()
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  given.begin(text => void response.write(text), gone.signal)
}
