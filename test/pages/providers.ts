import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { JsonSchema, Provider, ProviderModule } from '@agentctl/contract'
import { asked } from './asked.ts'
import { capabilitiesTable } from './capabilities.ts'
import { type Parts, withParts } from './parts.ts'
import { cloudRights, dockerRights, localRights, qemuRights } from './rights.ts'
import { sourcesTable } from './sources.ts'
import { specTable } from './spec.ts'
import { stateTables } from './states.ts'

export const providers = ['aws', 'azure', 'docker', 'gcp', 'local', 'qemu'] as const
export type ProviderName = (typeof providers)[number]

export interface Page {
  readonly file: string
  readonly text: string
  /** The same with its parts made from the code. */
  readonly made: string
}

const folderOf = (name: ProviderName) => fileURLToPath(new URL(`../../plugins/${name}`, import.meta.url))

const hostRights: Readonly<Partial<Record<ProviderName, () => string>>> = {
  docker: () => dockerRights(folderOf('docker')),
  local: localRights,
  qemu: qemuRights,
}

/** A provider's README; nothing is sent anywhere for it. */
export async function pageOf(name: ProviderName): Promise<Page> {
  const file = `${folderOf(name)}/README.md`
  const text = readFileSync(file, 'utf8')
  return { file, text, made: withParts(text, await partsOf(name)) }
}

async function partsOf(name: ProviderName): Promise<Parts> {
  const module = await moduleOf(name)
  const provider = await opened(module)
  const sources = sourcesTable(folderOf(name))
  const rightsAsked = asked[name]
  return {
    rights: rightsAsked ? cloudRights(module, rightsAsked) : (hostRights[name]?.() ?? ''),
    spec: specTable(everywhere(provider.specSchema)),
    capabilities: capabilitiesTable(module, provider),
    states: stateTables[name]?.() ?? '',
    ...(sources !== undefined && { sources }),
  }
}

async function moduleOf(name: ProviderName): Promise<ProviderModule> {
  const found: { default: ProviderModule } = await import(`../../plugins/${name}/src/index.ts`)
  return found.default
}

async function opened(module: ProviderModule): Promise<Provider> {
  return module.open({
    owner: 'acme-ci',
    settings: undefined,
    clock: { now: () => 0, sleep: async () => undefined },
    random: { next: () => 0 },
    log: { debug() {}, info() {}, warn() {} },
    env: { HOME: '/home/ci', PATH: '/usr/bin' },
  })
}

/** Without what this machine alone gives as a default: its own processor. */
function everywhere(schema: JsonSchema): JsonSchema {
  const { arch, ...properties } = schema.properties as Record<string, Record<string, unknown>>
  if (arch === undefined) return schema
  const { default: _, ...rest } = arch
  return { ...schema, properties: { ...properties, arch: rest } }
}
