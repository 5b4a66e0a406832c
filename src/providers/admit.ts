import { contractError, contractVersion } from '@agentctl/contract'
import { contractOf, isPlugin, type PluginFacts, type ProviderEntry, providersIn } from './registry.ts'

/** Whether this agentctl can talk to it; a plugin that brings no provider speaks no contract. */
export function isSpokenTo(plugin: PluginFacts): boolean {
  const contract = contractOf(plugin)
  return contract === undefined || contract === contractVersion
}

/** @throws `unsupported` for a plugin of another contract; `advice` replaces the usual next step. */
export function admitContract(plugin: PluginFacts, advice?: string): void {
  const contract = contractOf(plugin)
  if (contract === undefined || contract === contractVersion) return
  const usual =
    contract > contractVersion ? 'Update agentctl, or ask for an older version.' : 'Ask for a newer version.'
  throw contractError(
    'unsupported',
    `${plugin.name} ${plugin.version} is made for contract ${contract}, this agentctl for ${contractVersion}`,
    { hint: `Nothing was changed. ${advice ?? usual}` },
  )
}

/** @throws `unsupported` when another plugin has the provider's name */
export function admitClaim(plugin: PluginFacts, installed: readonly PluginFacts[]): void {
  const [entry] = providersIn([plugin])
  const other = providersIn(installed).find(
    one => one.provider === entry?.provider && one.plugin !== plugin.name,
  )
  if (!other) return
  throw contractError(
    'unsupported',
    `Two plugins would claim the provider ${other.provider}: ${other.plugin}, which is installed, and ${plugin.name}`,
    { hint: `Nothing was changed. To replace it, first: agentctl plugins uninstall ${other.plugin}` },
  )
}

/** Everything that its package.json can be asked; its provider, if it brings one. @throws `unsupported` */
export function admit(plugin: PluginFacts, installed: readonly PluginFacts[]): ProviderEntry | undefined {
  if (!isPlugin(plugin)) {
    throw contractError('unsupported', `${plugin.name} ${plugin.version} is no plugin of agentctl`, {
      hint: 'Nothing was changed. A plugin has `oclif` in its package.json.',
    })
  }
  admitContract(plugin)
  const [entry] = providersIn([plugin])
  if (!entry && contractOf(plugin) !== undefined) {
    throw contractError('unsupported', `${plugin.name} ${plugin.version} names no provider and entry`, {
      hint: 'Nothing was changed. They belong under `agentctl` in its package.json.',
    })
  }
  admitClaim(plugin, installed)
  return entry
}
