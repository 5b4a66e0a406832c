import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FileServer {
  readonly url: string
  /** Served under `/name`. */
  put(name: string, content: Uint8Array | string): string
  /** `METHOD url` of every request, in order; a proxied one has the whole URL. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/** A web server for guests, which also answers what is meant for a proxy, by path alone. */
export async function serveFiles(address: string): Promise<FileServer> {
  const files = new Map<string, Uint8Array | string>()
  const requests: string[] = []
  const answer: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const { pathname } = new URL(request.url ?? '/', 'http://here')
    const content = files.get(pathname)
    response.writeHead(content === undefined ? 404 : 200).end(content)
  }
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, address, resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://${address}:${port}`
  return {
    url,
    requests,
    put: (name, content) => {
      files.set(`/${name}`, content)
      return `${url}/${name}`
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
