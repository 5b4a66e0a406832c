import { pathToFileURL } from 'node:url'
import { contractError, contractVersion, type ProviderModule } from '@agentctl/contract'
import { didYouMean } from '../errors/index.ts'
import { messageOf } from '../errors/message.ts'
import { knownProviders } from './known.ts'
import { isContractKnown, type ProviderEntry } from './registry.ts'

/** The one installed plugin for a provider. @throws `provider-not-installed`, `unsupported` */
export function entryFor(name: string, entries: readonly ProviderEntry[]): ProviderEntry {
  const claims = entries.filter(entry => entry.provider === name)
  const [entry] = claims
  if (!entry) {
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
  const plugins = [...new Set(claims.map(one => one.plugin))]
  if (plugins.length > 1) {
    throw contractError('unsupported', `Two plugins claim the provider ${name}: ${plugins.join(' and ')}`, {
      hint: `Remove one of them: agentctl plugins uninstall ${plugins.at(-1)}`,
    })
  }
  if (!isContractKnown(entry)) {
    throw contractError(
      'unsupported',
      `${entry.plugin} ${entry.version} is made for contract ${entry.contract}, this agentctl for ${contractVersion}`,
      { hint: entry.contract > contractVersion ? 'Update agentctl.' : `agentctl plugins update` },
    )
  }
  return entry
}

/** Imports the chosen plugin, and no other. @throws `unsupported` when it is not what its metadata says */
export async function loadProvider(entry: ProviderEntry): Promise<ProviderModule> {
  const loaded = await import(pathToFileURL(entry.entry).href).catch((cause: unknown) => {
    throw contractError('unsupported', `Cannot load ${entry.plugin} ${entry.version}: ${messageOf(cause)}`, {
      cause,
      hint:
        entry.type === 'link'
          ? `Build it where it is linked from: ${entry.entry}`
          : `Install it anew: agentctl plugins install ${entry.plugin}`,
    })
  })
  const module = loaded.default as Partial<ProviderModule> | undefined
  if (module?.contract !== contractVersion || module.name !== entry.provider || !module.open) {
    throw contractError(
      'unsupported',
      `${entry.plugin} ${entry.version} does not export the provider it names`,
    )
  }
  return module as ProviderModule
}
