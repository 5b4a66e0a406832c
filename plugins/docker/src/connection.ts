import { contractError, type Scope } from '@agentctl/contract'
import type { Settings } from './settings.ts'

type Env = Readonly<Record<string, string | undefined>>

/** How the engine is reached. `certificates`: a folder with ca.pem, cert.pem and key.pem. */
export type Connection =
  | { readonly kind: 'socket'; readonly paths: readonly string[] }
  | {
      readonly kind: 'tcp'
      readonly host: string
      readonly port: number
      readonly isTls: boolean
      readonly certificates?: string
    }

export const defaultSocket = '/var/run/docker.sock'
const ports = { plain: 2375, tls: 2376 } as const

/** DOCKER_HOST, else the setting, else the default socket. Pure. @throws `invalid-spec`, `unsupported` */
export function connectionOf(env: Env, { host: setting }: Settings): Connection {
  const named = env.DOCKER_HOST || setting
  if (!named) return { kind: 'socket', paths: defaultSockets(env) }
  const [, scheme = '', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/.exec(named) ?? []
  if (scheme === 'unix') return { kind: 'socket', paths: rest ? [rest] : defaultSockets(env) }
  if (['', 'tcp', 'http', 'https'].includes(scheme)) return tcp(env, scheme, rest, named)
  throw contractError('unsupported', `The provider docker does not speak ${scheme}:// (${named})`, {
    hint: 'Use unix:// or tcp://; a remote engine can be reached by ssh -L /tmp/engine.sock:/var/run/docker.sock HOST.',
  })
}

/** Docker Desktop has its socket in the home folder; the first that is there is taken. */
function defaultSockets(env: Env): readonly string[] {
  return env.HOME ? [`${env.HOME}/.docker/run/docker.sock`, defaultSocket] : [defaultSocket]
}

function tcp(env: Env, scheme: string, rest: string, named: string): Connection {
  const url = URL.parse(`http://${rest}`)
  if (!url?.hostname || url.username) {
    throw contractError('invalid-spec', `${named} does not say where a Docker engine listens`, {
      hint: 'Write DOCKER_HOST or the setting host as unix:///PATH or tcp://HOST:PORT.',
    })
  }
  const isTls = scheme === 'https' || Boolean(env.DOCKER_TLS_VERIFY) || url.port === String(ports.tls)
  const certificates = env.DOCKER_CERT_PATH || (env.HOME && `${env.HOME}/.docker`)
  return {
    kind: 'tcp',
    host: url.hostname,
    // A port of 80 is not shown by a URL of http.
    port: Number(url.port) || (/:80\/?$/.test(rest) ? 80 : isTls ? ports.tls : ports.plain),
    isTls,
    ...(isTls && certificates && { certificates }),
  }
}

/** One scope per engine: two machines with an engine each do not see each other's containers. Pure. */
export function scopeOf(connection: Connection, hostName: string): Scope {
  if (connection.kind === 'tcp') return { account: `${connection.host}:${connection.port}`, region: 'docker' }
  const own = connection.paths.length === 1 ? connection.paths[0] : undefined
  return { account: own && own !== defaultSocket ? `${hostName}:${own}` : hostName, region: 'docker' }
}

/** What the `docker` command needs to reach the same engine; empty for the default. Pure. */
export function dockerOptions(connection: Connection): readonly string[] {
  if (connection.kind === 'tcp') return ['--host', `tcp://${connection.host}:${connection.port}`]
  const [path] = connection.paths
  return connection.paths.length === 1 && path !== defaultSocket ? ['--host', `unix://${path}`] : []
}
