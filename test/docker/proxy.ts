import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { TestEngine } from './engine.ts'

/**
 * What is done to a request: `hang`: never answered, never passed on; `lose`: passed on, the answer is lost; `cut`: the
 * answer breaks off in its middle; a status: answered instead of the engine; `edit`: the answer is changed.
 */
type Act =
  | { readonly do: 'hang' | 'lose' | 'cut' }
  | { readonly do: 'answer'; readonly status: number; readonly message: string }
  | { readonly do: 'edit'; edit(body: string): string }

export interface Rule {
  /** Method and path, such as `POST /containers/create`. */
  readonly match: RegExp
  readonly act: Act
  /** How many matching requests pass before, and how many are met. @default 0 and 1 */
  readonly skip?: number
  readonly times?: number
}

export interface Proxy {
  readonly socket: string
  arm(rule: Rule): void
  /** Archives that were put into containers, by the container's id. */
  readonly archives: ReadonlyMap<string, Buffer>
  close(): void
}

/** Stands between a provider and the engine. */
export async function startProxy(engine: TestEngine, socket: string): Promise<Proxy> {
  const rules: { rule: Rule; skip: number; times: number }[] = []
  const archives = new Map<string, Buffer>()
  const take = (line: string): Act | undefined => {
    const found = rules.find(({ rule, times }) => times > 0 && rule.match.test(line))
    if (!found) return undefined
    if (found.skip > 0) {
      found.skip -= 1
      return undefined
    }
    found.times -= 1
    return found.rule.act
  }
  const server = createServer(async (asked, reply) => {
    const line = `${asked.method} ${asked.url}`
    const act = take(line)
    const body = await bytesOf(asked)
    const [, id] = /^PUT \/containers\/(\w+)\/archive/.exec(line) ?? []
    if (id !== undefined) archives.set(id, body)
    if (act?.do === 'hang') return
    if (act?.do === 'answer') {
      reply.writeHead(act.status, { 'content-type': 'application/json' })
      reply.end(JSON.stringify({ message: act.message }))
      return
    }
    pass(engine, asked, reply, body, act)
  })
  await new Promise<void>(resolve => server.listen(socket, resolve))
  return {
    socket,
    arm: rule => rules.push({ rule, skip: rule.skip ?? 0, times: rule.times ?? 1 }),
    archives,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await stream.toArray())
}

function pass(
  engine: TestEngine,
  asked: IncomingMessage,
  reply: ServerResponse,
  body: Buffer,
  act: Act | undefined,
): void {
  const { method, url, headers } = asked
  const sent = request({ socketPath: engine.socket, method, path: url, headers }, async answer => {
    if (!act) {
      reply.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(reply)
      return
    }
    const bytes = await bytesOf(answer)
    if (act.do === 'lose') {
      reply.destroy()
      return
    }
    const shown = act.do === 'edit' ? Buffer.from(act.edit(bytes.toString())) : bytes
    reply.writeHead(answer.statusCode ?? 500, {
      'content-type': 'application/json',
      'content-length': shown.length,
    })
    if (act.do === 'cut') reply.write(shown.subarray(0, shown.length / 2), () => reply.destroy())
    else reply.end(shown)
  })
  sent.on('error', () => reply.destroy())
  // Whoever gives up on a request gives it up at the engine too.
  reply.on('close', () => reply.writableEnded || sent.destroy())
  sent.end(body)
}
