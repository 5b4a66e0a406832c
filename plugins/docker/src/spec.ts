import {
  contractError,
  type JsonSchema,
  type Problem,
  problemsOf,
  type ResolvedSpec,
  type Scope,
} from '@agentctl/contract'
import { z } from 'zod'
import { crossProblems } from './cross-problems.ts'

const stopGraceMaxMs = 600_000
const timeUnitMs = { ms: 1, s: 1000, m: 60_000 } as const
const sizeUnitBytes = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const

/** Unit of the result: milliseconds. `text` is as the schema has it. */
export function toMs(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)(ms|s|m)$/.exec(text) ?? []
  return Number(count) * timeUnitMs[unit as keyof typeof timeUnitMs]
}

/** Unit of the result: bytes. `text` is as the schema has it. */
export function toBytes(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)([kmg])$/.exec(text) ?? []
  return Number(count) * sizeUnitBytes[unit as keyof typeof sizeUnitBytes]
}

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of an environment variable')
  .regex(/^(?!AGENTCTL_|HOME$)/, 'is set by agentctl itself')

/** A literal would end up in the journal and in the process list. */
const reference = z
  .string()
  .regex(/^env:[A-Za-z_][A-Za-z0-9_]*$/, 'is no reference such as env:REGISTRY_PASSWORD')
const capability = z.string().regex(/^(CAP_)?[A-Z_]+$/, 'is no name of a capability, such as CHOWN')
const absolute = z.string().regex(/^\/[^\0:]*$/, 'is no absolute path')
const word = (what: string) => z.string().regex(/^[A-Za-z0-9][\w.-]*$/, `is no ${what}`)

const mount = z.strictObject({
  source: absolute.describe('A path on the machine of the engine'),
  target: absolute.describe('A path in the container'),
  'read-only': z.boolean().default(false).describe('The container cannot write there'),
})

const registry = z.strictObject({
  username: reference.describe('A reference such as env:REGISTRY_USER'),
  password: reference.describe('A reference such as env:REGISTRY_PASSWORD'),
  server: z.string().min(1).optional().describe("Left out, the image's own registry"),
})

const source = z.strictObject({
  image: z
    .string()
    .regex(/^[A-Za-z0-9][\w./:@-]*$/, 'is no name of an image')
    .describe('Its name, best with a digest: a tag may stand for another image tomorrow'),
  guest: z
    .enum(['process', 'linux'])
    .default('process')
    .describe('process: bash runs the agent; linux: systemd and cloud-init boot'),
  pull: z
    .enum(['missing', 'always', 'never'])
    .default('missing')
    .describe('When the image is pulled; a launch waits 60 s for it at most'),
  registry: registry.optional().describe('Credentials for the pull, as references to environment variables'),
  platform: z
    .string()
    .regex(/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, 'is no platform such as linux/amd64')
    .optional()
    .describe("Such as linux/amd64; left out, the engine's own"),
  runtime: word('name of a runtime').optional().describe('Such as runsc, where the engine has it'),
  network: word('name of a network').optional().describe('A network that is there, bridge, host or none'),
  'extra-hosts': z
    .array(z.string().regex(/^[\w.-]+:\S+$/, 'is not NAME:ADDRESS'))
    .default([])
    .describe('Such as host.docker.internal:host-gateway'),
  cpus: z.number().min(0.01).max(1024).optional().describe('The limit, such as 0.5; left out, none'),
  memory: z
    .string()
    .regex(/^\d+[kmg]$/, { error: 'is no size such as 512m or 4g', abort: true })
    .refine(text => toBytes(text) >= 6 * sizeUnitBytes.m, 'is less than 6m')
    .optional()
    .describe('The limit, without swap; such as 4g'),
  'pids-limit': z
    .number()
    .int()
    .min(16)
    .max(4_194_304)
    .default(4096)
    .describe('Processes and threads at most'),
  env: z
    .record(variable, z.string())
    .default({})
    .describe('Extra environment; whoever may ask the engine reads it: no place for secrets'),
  mounts: z.array(mount).default([]).describe('Paths of the machine of the engine'),
  'docker-socket': z
    .boolean()
    .default(false)
    .describe('Allows mounts that hold the socket of a Docker engine'),
  user: z
    .string()
    .regex(/^[\w.-]+(:[\w.-]+)?$/, 'is no user such as 1000:1000')
    .optional()
    .describe("Left out, the image's own"),
  'cap-drop': z.array(capability).optional().describe('Of the process guest; [ALL] when left out'),
  'cap-add': z.array(capability).default([]).describe('Given back to the process guest, such as CHOWN'),
  'no-new-privileges': z.boolean().optional().describe('Of the process guest; true when left out'),
  'stop-grace': z
    .string()
    .regex(/^\d+(ms|s|m)$/, { error: 'is no duration such as 10s', abort: true })
    .refine(text => toMs(text) <= stopGraceMaxMs, 'is more than 10m')
    .default('10s')
    .describe('How long the guest may take to stop, such as 10s; at most 10m'),
})

export type DockerSpec = z.output<typeof source>

export const specSchema: JsonSchema = z.toJSONSchema(source, { io: 'input' })

/** Pure. @throws `invalid-spec` with every problem at once */
export function parseSpec(raw: unknown): DockerSpec {
  return parsed(raw, 'spec', 'The spec for the provider docker is not valid')
}

function parsed(raw: unknown, root: string, message: string): DockerSpec {
  const result = source.safeParse(raw)
  const problems: readonly Problem[] = [
    ...(result.success ? [] : problemsOf(result.error, root)),
    ...crossProblems(raw, root),
  ]
  if (result.success && problems.length === 0) return result.data
  throw contractError('invalid-spec', message, {
    problems,
    hint: 'Every key is in the README of the provider docker.',
  })
}

export const offeringId = 'container/docker/on-demand'

/** The image stays as it is named: what it stands for is the engine's to say, when it makes the container. Pure. */
export function resolveSpec(spec: DockerSpec, scope: Scope): ResolvedSpec {
  return {
    guest: spec.guest,
    offerings: [
      { id: offeringId, scope, type: 'container', zone: 'docker', market: 'on-demand', pricePerHour: 0 },
    ],
    details: spec,
  }
}

/** @throws `invalid-spec` where the details are not those of {@link resolveSpec} */
export function detailsOf(resolved: ResolvedSpec): DockerSpec {
  return parsed(resolved.details, 'resolved.details', 'The resolved spec is not one of the provider docker')
}
