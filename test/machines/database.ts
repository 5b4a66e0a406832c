import { connect, createServer, type Socket } from 'node:net'
import { startCluster } from '../coordinator/cluster.ts'

/** A PostgreSQL of its own on this host, which guests reach at the engine's address. */
export interface Database extends AsyncDisposable {
  /** With its password. */
  readonly address: string
}

export async function startDatabase(host: string): Promise<Database> {
  const cluster = await startCluster()
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) =>
    sockets.add(socket) &&
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
  const server = createServer(near => {
    const far = connect(cluster.port, '127.0.0.1')
    keep(near)
    keep(far)
    near.pipe(far).pipe(near)
  })
  await new Promise<void>(resolve => server.listen(0, host, resolve))
  const bound = server.address()
  if (typeof bound !== 'object' || bound === null) throw new Error('no port')
  const address = new URL(await cluster.fresh())
  address.hostname = host
  address.port = String(bound.port)
  return {
    address: address.href,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
      await cluster[Symbol.asyncDispose]()
    },
  }
}
