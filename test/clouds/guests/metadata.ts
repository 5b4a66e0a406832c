import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a guest may ask its cloud for, at an address of its own. */
export interface Metadata extends AsyncDisposable {
  /** Stands in for `http://169.254.169.254` in the guest of this index. */
  urlOf(index: number): string
}

const session = 'a-session'

/**
 * The part of EC2's metadata service that user data asks: a session first, then the launch index, 401 without one.
 * Source: EC2 user guide, "Use the Instance Metadata Service", 2026-11.
 */
export async function serveMetadata(): Promise<Metadata> {
  const server = createServer(({ method, url = '', headers }, response) => {
    const [, index, path] = /^\/(\d+)\/latest\/(.*)$/.exec(url) ?? []
    const isOpen = headers['x-aws-ec2-metadata-token'] === session
    if (method === 'PUT' && path === 'api/token') response.end(session)
    else if (path === 'meta-data/ami-launch-index')
      response.writeHead(isOpen ? 200 : 401).end(isOpen ? index : '')
    else response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    urlOf: index => `http://127.0.0.1:${port}/${index}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
