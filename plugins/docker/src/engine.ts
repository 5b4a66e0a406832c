import { join } from 'node:path'
import { addAbortSignal, type Readable } from 'node:stream'
import { contractError } from '@agentctl/contract'
import type Modem from 'docker-modem'
import { type Connection, defaultSocket } from './connection.ts'
import { isThere, readBytes } from './effects.ts'

/** One request to the engine's API. */
export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  /** A tar archive. */
  readonly archive?: Uint8Array
  readonly registryAuth?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** Rejects with what `docker-modem` or Node say; `errors.ts` reads them. */
export interface Engine {
  /** The answer's JSON. */
  ask(exchange: Exchange): Promise<unknown>
  /** The answer as it comes; ends with an error when the signal is aborted. */
  stream(exchange: Exchange): Promise<Readable>
}

/** The only place that knows docker-modem, which is loaded with the first request. */
export function engineAt(connection: Connection): Engine {
  let opening: Promise<Modem> | undefined
  const modem = () => {
    opening ??= open(connection)
    return opening
  }
  return {
    ask: async exchange => parsed(await textOf(await dial(await modem(), exchange))),
    stream: async exchange => dial(await modem(), exchange),
  }
}

async function open(connection: Connection): Promise<Modem> {
  const { default: Client } = await import('docker-modem')
  // Everything is named, since docker-modem fills what is missing from the process's own environment.
  const none = { host: '', timeout: 0, protocol: 'http' } as const
  return new Client({ ...none, ...optionsOf(connection) })
}

function optionsOf(connection: Connection): Modem.ConstructorOptions {
  if (connection.kind === 'socket') {
    return { socketPath: connection.paths.find(isThere) ?? connection.paths.at(-1) ?? defaultSocket }
  }
  const { host, port, isTls, certificates } = connection
  if (!isTls) return { host, port }
  return { host, port, protocol: 'https', ...(certificates && readCertificates(certificates)) }
}

function readCertificates(folder: string) {
  try {
    const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map(name => readBytes(join(folder, name)))
    return { ca, cert, key }
  } catch (cause) {
    throw contractError('unauthenticated', `The TLS certificates in ${folder} cannot be read`, {
      hint: 'Name the folder with ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH.',
      cause,
    })
  }
}

const successes = { 200: true, 201: true, 204: true, 304: true }

/** Always as a stream: docker-modem waits for ever for the rest of an answer that breaks off. */
function dial(modem: Modem, exchange: Exchange): Promise<Readable> {
  const { method, path, query, body, archive, registryAuth, signal } = exchange
  const request = {
    method,
    // A question mark makes docker-modem add the query.
    path: query ? `${path}?` : path,
    options: { ...(query && { _query: query }), _body: body ?? {} },
    ...(archive && { file: Buffer.from(archive) }),
    ...(registryAuth && { authconfig: { ...registryAuth } }),
    isStream: true,
    abortSignal: signal,
    statusCodes: successes,
  }
  return new Promise((resolve, reject) => {
    modem.dial(request, (error, answer) => {
      if (error) reject(error)
      else resolve(addAbortSignal(signal, answer as Readable))
    })
  })
}

async function textOf(stream: Readable): Promise<string> {
  return Buffer.concat(await stream.toArray()).toString()
}

function parsed(text: string): unknown {
  return text.trim() === '' ? undefined : JSON.parse(text)
}

/** Reads a stream of JSON lines to its end. @throws what breaks the stream, and what `onLine` throws */
export async function eachLine(stream: Readable, onLine: (line: unknown) => void): Promise<void> {
  let rest = ''
  stream.setEncoding('utf8')
  for await (const text of stream) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim()) onLine(JSON.parse(line))
  }
  if (rest.trim()) onLine(JSON.parse(rest))
}
