import { join } from 'node:path'
import { type CoordinatorModule, contractError, contractVersion } from '@agentctl/contract'
import { z } from 'zod'
import { importEntry, onlyClaim } from './claims.ts'
import { knownCoordinators } from './known.ts'
import { metadataOf, type PluginEntry, type PluginFacts } from './registry.ts'

export interface CoordinatorEntry extends PluginEntry {
  readonly coordinator: string
  /** Of the addresses that it is for. */
  readonly schemes: readonly string[]
}

const coordinatorMetadata = z.object({
  contract: z.number(),
  coordinator: z.string(),
  schemes: z.array(z.string()).min(1),
  entry: z.string(),
})

/** Coordinators of the installed plugins; none of their code is loaded. */
export function coordinatorsIn(plugins: readonly PluginFacts[]): readonly CoordinatorEntry[] {
  return plugins.flatMap(plugin => {
    const found = coordinatorMetadata.safeParse(metadataOf(plugin))
    if (!found.success) return []
    const { name, version, type, root } = plugin
    return { ...found.data, plugin: name, version, type, entry: join(root, found.data.entry) }
  })
}

/** The one installed plugin for addresses of a scheme. @throws `provider-not-installed`, `unsupported` */
export function coordinatorFor(scheme: string, entries: readonly CoordinatorEntry[]): CoordinatorEntry {
  const claims = entries.filter(entry => entry.schemes.includes(scheme))
  const entry = onlyClaim(claims, `addresses ${scheme}://`)
  if (entry) return entry
  const known = Object.values(knownCoordinators).find(one => one.schemes.includes(scheme))
  const installed = entries.flatMap(one => one.schemes).join(', ') || 'none'
  throw contractError('provider-not-installed', `No plugin for coordinators at ${scheme}:// is installed`, {
    hint: known
      ? `agentctl plugins install ${known.plugin}`
      : `Installed are plugins for: ${installed}. Known is: ${knownSchemes.join(', ')}`,
  })
}

const knownSchemes = Object.values(knownCoordinators).flatMap(one => one.schemes)

/** Imports the chosen plugin, and no other. @throws `unsupported` when it is not what its metadata says */
export async function loadCoordinator(entry: CoordinatorEntry): Promise<CoordinatorModule> {
  const module = (await importEntry(entry)) as Partial<CoordinatorModule> | undefined
  if (module?.contract !== contractVersion || module.name !== entry.coordinator || !module.open) {
    throw contractError(
      'unsupported',
      `${entry.plugin} ${entry.version} does not export the coordinator it names`,
    )
  }
  return module as CoordinatorModule
}
