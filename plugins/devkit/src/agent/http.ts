export interface HttpCall {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly authorization: string
  readonly userAgent: string
  readonly body?: string
  readonly contentType?: string
}

export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

export const httpTimeoutMs = 30_000

/**
 * One request. A body goes out without a Content-Type unless one is given, as Go's plain requests do.
 * The module comes through `getBuiltinModule` because an import of it reads all its exports, one of which loads the
 * whole of fetch: 20 ms and more at every start of an agent.
 */
export function httpRequest(call: HttpCall): Promise<HttpAnswer> {
  const secure = call.url.startsWith('https:')
  const { request } = secure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http')
  const headers: Record<string, string | number> = {
    Authorization: call.authorization,
    'User-Agent': call.userAgent,
    ...(call.contentType === undefined ? {} : { 'Content-Type': call.contentType }),
    ...(call.method === 'POST' ? { 'Content-Length': Buffer.byteLength(call.body ?? '') } : {}),
  }
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${titled(call.method)} "${call.url}": ${why}`))
    const outgoing = request(call.url, { method: call.method, headers, timeout: httpTimeoutMs }, incoming => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', error => fail(error.message))
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('context deadline exceeded')))
    outgoing.on('error', error => fail(wording(error, call.url)))
    outgoing.end(call.body)
  })
}

function titled(method: string): string {
  return method.charAt(0) + method.slice(1).toLowerCase()
}

/** The commonest failures in Go's words. */
function wording(error: NodeJS.ErrnoException, url: string): string {
  const { hostname, host } = new URL(url)
  switch (error.code) {
    case 'ECONNREFUSED':
      return `dial tcp ${host}: connect: connection refused`
    case 'ENOTFOUND':
      return `dial tcp: lookup ${hostname}: no such host`
    case 'ECONNRESET':
      return error.message === 'socket hang up' ? 'EOF' : `read tcp ${host}: connection reset by peer`
    default:
      return error.message
  }
}
