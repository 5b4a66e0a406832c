import { contractError, contractVersion, type ProviderModule } from '@agentctl/contract'
import { didYouMean } from '../errors/index.ts'
import { importEntry, onlyClaim } from './claims.ts'
import { knownProviders } from './known.ts'
import type { ProviderEntry } from './registry.ts'

/** The one installed plugin for a provider. @throws `provider-not-installed`, `unsupported` */
export function entryFor(name: string, entries: readonly ProviderEntry[]): ProviderEntry {
  const entry = onlyClaim(
    entries.filter(one => one.provider === name),
    `the provider ${name}`,
  )
  if (entry) return entry
  const installed = entries.map(one => one.provider).join(', ') || 'none'
  const plugin = knownProviders[name]?.plugin
  const names = new Set([...entries.map(one => one.provider), ...Object.keys(knownProviders)])
  const meant = plugin ? '' : didYouMean(name, [...names])
  throw contractError('provider-not-installed', `No plugin for the provider ${name} is installed${meant}`, {
    hint: plugin
      ? `agentctl plugins install ${plugin}`
      : `Installed are: ${installed}. A plugin is installed with: agentctl plugins install NAME`,
  })
}

/** Imports the chosen plugin, and no other. @throws `unsupported` when it is not what its metadata says */
export async function loadProvider(entry: ProviderEntry): Promise<ProviderModule> {
  const module = (await importEntry(entry)) as Partial<ProviderModule> | undefined
  if (module?.contract !== contractVersion || module.name !== entry.provider || !module.open) {
    throw contractError(
      'unsupported',
      `${entry.plugin} ${entry.version} does not export the provider it names`,
    )
  }
  return module as ProviderModule
}
