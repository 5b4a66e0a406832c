import { type Capabilities, contractError, type JsonSchema } from '@agentctl/contract'
import { knownProviders } from '../providers/known.ts'
import { entryFor } from '../providers/load.ts'
import { type PluginFacts, type ProviderTraits, providersIn } from '../providers/registry.ts'
import type { Context } from './context.ts'
import { openProviders } from './open-providers.ts'

export interface ProviderRow {
  readonly provider: string
  readonly plugin: string
  /** Left out where it is not installed; then `install` says how. */
  readonly version?: string
  readonly capabilities?: ProviderTraits
  readonly install?: string
}

/** Installed and known providers, from metadata alone. */
export function listProviders(plugins: readonly PluginFacts[]): readonly ProviderRow[] {
  const installed = providersIn(plugins).map(({ provider, plugin, version, capabilities }) => ({
    provider,
    plugin,
    version,
    ...(capabilities && { capabilities }),
  }))
  const names = new Set(installed.map(row => row.provider))
  const others = Object.entries(knownProviders)
    .filter(([provider]) => !names.has(provider))
    .map(([provider, { plugin, capabilities }]) => ({
      provider,
      plugin,
      capabilities,
      install: `agentctl plugins install ${plugin}`,
    }))
  return [...installed, ...others].sort((a, b) => a.provider.localeCompare(b.provider))
}

export interface ProviderDetails {
  readonly provider: string
  readonly plugin: string
  readonly version: string
  readonly capabilities: Capabilities
  readonly spec: JsonSchema
}

export async function showProvider(context: Context, name: string): Promise<ProviderDetails> {
  const { plugin, version } = entryFor(name, providersIn(context.plugins))
  await using providers = await openProviders(context, [name])
  const provider = providers.get(name)
  if (!provider) throw contractError('internal', `The provider ${name} did not open`)
  return { provider: name, plugin, version, capabilities: provider.capabilities, spec: provider.specSchema }
}
