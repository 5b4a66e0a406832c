import { type Call, contractError } from '@agentctl/contract'
import { z } from 'zod'
import { inspectImage } from './api.ts'
import type { Context } from './context.ts'
import { eachLine } from './engine.ts'
import { isNoSuchImage } from './errors.ts'
import { parseImage } from './image.ts'
import type { DockerSpec } from './spec.ts'

/** Between two lines of progress. Unit: milliseconds. */
const progressEveryMs = 3_000

export async function hasImage({ engine }: Context, image: string, signal: AbortSignal): Promise<boolean> {
  try {
    await inspectImage(engine, image, signal)
    return true
  } catch (error) {
    if (isNoSuchImage(error)) return false
    throw error
  }
}

/**
 * Sees to it that the engine has the image, as `pull` of the spec says. A pull that is cut off leaves no container.
 * @throws `invalid-spec`, `unauthenticated`, `rate-limited`, `unavailable`, or the engine's own errors
 */
export async function ensureImage(
  context: Context,
  spec: DockerSpec,
  call: Call,
  signal: AbortSignal,
): Promise<void> {
  if (spec.pull !== 'always' && (await hasImage(context, spec.image, signal))) return
  if (spec.pull !== 'never') return pull(context, spec, call, signal)
  throw contractError('invalid-spec', `The engine does not have the image ${spec.image}`, {
    hint: `Pull it (docker pull ${spec.image}), or set pull: missing.`,
  })
}

const progress = z.object({
  status: z.string().default(''),
  id: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional() }).optional(),
  error: z.string().optional(),
})

async function pull(context: Context, spec: DockerSpec, call: Call, signal: AbortSignal): Promise<void> {
  const { engine, clock } = context
  const { repository, tag } = parseImage(spec.image)
  const { image } = spec
  const auth = registryAuth(spec, context.env)
  const query = {
    fromImage: repository,
    tag,
    ...(spec.platform !== undefined && { platform: spec.platform }),
  }
  call.log.info('Pulling the image', { image })
  const stream = await engine.stream({
    method: 'POST',
    path: '/images/create',
    query,
    ...(auth && { registryAuth: auth }),
    signal,
  })
  const layers = new Map<string, number>()
  let saidAt = clock.now()
  await eachLine(stream, line => {
    const { status, id, progressDetail, error } = progress.parse(line)
    // The answer has begun with 200 by then: what goes wrong later comes as a line.
    if (error !== undefined) throw Object.assign(new Error(error), { json: { message: error } })
    if (id !== undefined && status === 'Downloading') layers.set(id, progressDetail?.current ?? 0)
    if (clock.now() - saidAt < progressEveryMs) return
    saidAt = clock.now()
    const bytes = [...layers.values()].reduce((sum, one) => sum + one, 0)
    call.log.info('Pulling the image', { image, layers: layers.size, megabytes: Math.round(bytes / 1e6) })
  })
  call.log.info('The image is there', { image })
}

/**
 * What the spec's references stand for; undefined where it has none.
 * @throws `unauthenticated` for a variable that is not set
 */
export function registryAuth(
  { registry, image }: Pick<DockerSpec, 'registry' | 'image'>,
  env: Context['env'],
): Readonly<Record<string, string>> | undefined {
  if (!registry) return undefined
  const missing = missingVariables(registry, env)
  if (missing.length > 0) {
    throw contractError('unauthenticated', `No credentials for the registry of ${image}`, {
      hint: `Set ${missing.join(' and ')}, which registry: of the spec names.`,
    })
  }
  const value = (reference: string) => env[variableOf(reference)] ?? ''
  const server = registry.server ?? parseImage(image).registry
  return {
    username: value(registry.username),
    password: value(registry.password),
    ...(server !== undefined && { serveraddress: server }),
  }
}

/** Names of the variables that the references mean and that are not set. Pure. */
export function missingVariables(registry: DockerSpec['registry'], env: Context['env']): readonly string[] {
  if (!registry) return []
  return [registry.username, registry.password].map(variableOf).filter(name => !env[name])
}

function variableOf(reference: string): string {
  return reference.replace(/^env:/, '')
}
