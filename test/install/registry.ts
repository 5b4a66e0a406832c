import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { runServer } from 'verdaccio'

export interface Registry extends AsyncDisposable {
  readonly url: string
}

/** A registry on loopback for packages of ours; all others are asked of `uplink`, where there is one. */
export async function startRegistry(folder: string, uplink?: string): Promise<Registry> {
  const own = { access: '$all', publish: '$all' }
  const server: Server = await runServer({
    configPath: join(folder, 'verdaccio.yaml'),
    storage: join(folder, 'storage'),
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    uplinks: uplink ? { upstream: { url: uplink, max_fails: 5, fail_timeout: '5s', timeout: '60s' } } : {},
    packages: {
      '@agentctl/*': own,
      '@acme/*': own,
      '**': { access: '$all', ...(uplink && { proxy: 'upstream' }) },
    },
    publish: { allow_offline: true },
    max_body_size: '100mb',
    web: { enable: false },
    log: { type: 'stdout', format: 'pretty', level: 'fatal' },
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
