import { createServer } from 'node:http'

export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

export interface Listening extends AsyncDisposable {
  /** `127.0.0.1:9464` */
  readonly address: string
}

/** Answers GET requests by their path; 404 where `answer` gives undefined. Rejects when the address cannot be had. */
export async function listen(
  { host, port }: { readonly host: string; readonly port: number },
  answer: (path: string) => Promise<Answer | undefined>,
): Promise<Listening> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://here')
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const found = isRead ? answer(pathname) : Promise.resolve(undefined)
    found.then(
      (given = { status: 404, type: 'text/plain', body: 'not found\n' }) => {
        response.writeHead(given.status, { 'content-type': given.type }).end(given.body)
      },
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
