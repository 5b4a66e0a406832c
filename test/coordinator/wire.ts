import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * What a wire does to what comes: `pass`; `hold`: it swallows everything, both ways, and closes nothing; `refuse`:
 * connections are cut as they come; `deaf`: answers are swallowed, questions pass.
 */
type Way = 'pass' | 'hold' | 'refuse' | 'deaf'

/** A TCP connection's way to the database, which can be cut. */
export interface Wire extends AsyncDisposable {
  readonly port: number
  set(way: Way): void
  /** Everything takes so much longer, each way. Unit: milliseconds. */
  delay(ms: number): void
  /** Ends what is open. */
  cut(): void
  /** New connections go to another port: as behind a name that leads to another server. */
  lead(port: number): void
  /** From the moment that these bytes pass on their way to the database on, the answers are swallowed. */
  deafenAt(words: string): void
}

export async function startWire(first: number): Promise<Wire> {
  const sockets = new Set<Socket>()
  let way: Way = 'pass'
  let target = first
  let delayMs = 0
  let words: string | undefined
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    return socket.setNoDelay(true)
  }
  const later = (act: () => void) => (delayMs > 0 ? setTimeout(act, delayMs) : act())
  const server = createServer(near => {
    keep(near)
    if (way === 'refuse') return void near.destroy()
    if (way === 'hold') return void near.resume()
    const far = keep(connect(target, '127.0.0.1'))
    const join = (from: Socket, to: Socket, isAnswer: boolean) => {
      from.on('data', bytes => {
        if (!isAnswer && words && bytes.includes(words)) {
          way = 'deaf'
          words = undefined
        }
        if (way === 'hold' || (way === 'deaf' && isAnswer)) return
        later(() => to.write(bytes))
      })
      from.on('close', () => {
        if (way === 'pass' || way === 'refuse') later(() => to.destroy())
      })
    }
    join(near, far, false)
    join(far, near, true)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      way = next
    },
    delay(ms) {
      delayMs = ms
    },
    cut,
    lead(port) {
      target = port
      cut()
    },
    deafenAt(next) {
      words = next
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve))
      cut()
      await closed
    },
  }
}
