import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { ContainerBody } from './body.ts'
import { type Engine, eachLine } from './engine.ts'

/** The requests that the provider makes, each with the shape of its answer. Engine API 1.41 and later. */

const networks = z.record(z.string(), z.object({ IPAddress: z.string().optional() }).nullable()).nullish()

const listed = z.object({
  Id: z.string(),
  Names: z.array(z.string()),
  State: z.string(),
  Status: z.string().default(''),
  /** Unit: seconds since the epoch. */
  Created: z.number(),
  Labels: z.record(z.string(), z.string()).nullish(),
  NetworkSettings: z.object({ Networks: networks }).nullish(),
})
export type ListedContainer = z.infer<typeof listed>

const inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  /** As in RFC 3339, with nanoseconds. */
  Created: z.string(),
  State: z.object({ Status: z.string() }),
  Config: z.object({
    Tty: z.boolean().default(false),
    Labels: z.record(z.string(), z.string()).nullish(),
    StopTimeout: z.number().nullish(),
  }),
})
export type InspectedContainer = z.infer<typeof inspected>

export async function listContainers(
  engine: Engine,
  labels: readonly string[],
  signal: AbortSignal,
): Promise<readonly ListedContainer[]> {
  const query = { all: 1, filters: JSON.stringify({ label: labels }) }
  const answer = await engine.ask({ method: 'GET', path: '/containers/json', query, signal })
  return z.array(listed).parse(answer)
}

/** `id` is an id or a name. */
export async function inspectContainer(
  engine: Engine,
  id: string,
  signal: AbortSignal,
): Promise<InspectedContainer> {
  return inspected.parse(await engine.ask({ method: 'GET', path: `/containers/${id}/json`, signal }))
}

export async function createContainer(
  engine: Engine,
  { name, platform, body }: { name: string; platform: string | undefined; body: ContainerBody },
  signal: AbortSignal,
): Promise<string> {
  const query = { name, ...(platform !== undefined && { platform }) }
  const answer = await engine.ask({ method: 'POST', path: '/containers/create', query, body, signal })
  return z.object({ Id: z.string() }).parse(answer).Id
}

/** Unpacks the archive at the container's root. */
export async function putArchive(engine: Engine, id: string, archive: Uint8Array, signal: AbortSignal) {
  const query = { path: '/' }
  await engine.ask({ method: 'PUT', path: `/containers/${id}/archive`, query, archive, signal })
}

export async function startContainer(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  await engine.ask({ method: 'POST', path: `/containers/${id}/start`, signal })
}

/** Resolves when the container has stopped; the engine goes on with it when nobody waits any more. */
export async function stopContainer(
  engine: Engine,
  id: string,
  graceSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  await engine.ask({ method: 'POST', path: `/containers/${id}/stop`, query: { t: graceSeconds }, signal })
}

/** With its anonymous volumes. Without `isForced` the engine refuses one that runs. */
export async function removeContainer(
  engine: Engine,
  id: string,
  isForced: boolean,
  signal: AbortSignal,
): Promise<void> {
  const query = { v: 1, force: isForced ? 1 : 0 }
  await engine.ask({ method: 'DELETE', path: `/containers/${id}`, query, signal })
}

const event = z.object({ Actor: z.object({ Attributes: z.record(z.string(), z.string()) }) })

/**
 * The labels and names of containers that started or died; the engine remembers its last 256 events.
 * Source: https://docs.docker.com/reference/cli/docker/system/events/, read 2026-11-26.
 */
export async function pastRuns(
  engine: Engine,
  { label, until }: { label: string; until: string },
  signal: AbortSignal,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const filters = JSON.stringify({ type: ['container'], event: ['start', 'die'], label: [label] })
  const query = { since: 1, until, filters }
  const stream = await engine.stream({ method: 'GET', path: '/events', query, signal })
  const found: Readonly<Record<string, string>>[] = []
  await eachLine(stream, line => found.push(event.parse(line).Actor.Attributes))
  return found
}

/** Standard output and error, the last `lines` of them; in frames where the container has no terminal. */
export function containerLogs(
  engine: Engine,
  id: string,
  lines: number,
  signal: AbortSignal,
): Promise<Readable> {
  const query = { stdout: 1, stderr: 1, tail: lines }
  return engine.stream({ method: 'GET', path: `/containers/${id}/logs`, query, signal })
}

const image = z.object({ Id: z.string(), Os: z.string().default(''), Architecture: z.string().default('') })

export async function inspectImage(engine: Engine, name: string, signal: AbortSignal) {
  return image.parse(await engine.ask({ method: 'GET', path: `/images/${name}/json`, signal }))
}

const info = z.object({
  ServerVersion: z.string().default(''),
  OSType: z.string().default('linux'),
  NCPU: z.number().default(0),
  MemTotal: z.number().default(0),
  MemoryLimit: z.boolean().default(true),
  PidsLimit: z.boolean().default(true),
  CpuCfsQuota: z.boolean().default(true),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
})

export async function engineInfo(engine: Engine, signal: AbortSignal) {
  return info.parse(await engine.ask({ method: 'GET', path: '/info', signal }))
}

export async function inspectNetwork(engine: Engine, name: string, signal: AbortSignal): Promise<void> {
  await engine.ask({ method: 'GET', path: `/networks/${name}`, signal })
}
