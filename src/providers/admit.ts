import { contractError, contractVersion } from '@agentctl/contract'
import { type CoordinatorEntry, coordinatorsIn } from './coordinators.ts'
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

/** @throws `unsupported` when another plugin has the name of its provider, or a scheme of its coordinator */
export function admitClaim(plugin: PluginFacts, installed: readonly PluginFacts[]): void {
  const others = installed.filter(one => one.name !== plugin.name)
  const wanted = claimsOf([plugin])
  const other = claimsOf(others).find(one => wanted.some(({ claim }) => claim === one.claim))
  if (!other) return
  throw contractError(
    'unsupported',
    `Two plugins would claim ${other.claim}: ${other.plugin}, which is installed, and ${plugin.name}`,
    { hint: `Nothing was changed. To replace it, first: agentctl plugins uninstall ${other.plugin}` },
  )
}

function claimsOf(plugins: readonly PluginFacts[]) {
  return [
    ...providersIn(plugins).map(one => ({ plugin: one.plugin, claim: `the provider ${one.provider}` })),
    ...coordinatorsIn(plugins).flatMap(one =>
      one.schemes.map(scheme => ({ plugin: one.plugin, claim: `addresses ${scheme}://` })),
    ),
  ]
}

export interface Brought {
  readonly provider?: ProviderEntry
  readonly coordinator?: CoordinatorEntry
}

/** Everything that its package.json can be asked; what it brings, if anything of ours. @throws `unsupported` */
export function admit(plugin: PluginFacts, installed: readonly PluginFacts[]): Brought {
  if (!isPlugin(plugin)) {
    throw contractError('unsupported', `${plugin.name} ${plugin.version} is no plugin of agentctl`, {
      hint: 'Nothing was changed. A plugin has `oclif` in its package.json.',
    })
  }
  admitContract(plugin)
  const [provider] = providersIn([plugin])
  const [coordinator] = coordinatorsIn([plugin])
  if (!provider && !coordinator && contractOf(plugin) !== undefined) {
    throw contractError('unsupported', `${plugin.name} ${plugin.version} names no provider and entry`, {
      hint: 'Nothing was changed. They belong under `agentctl` in its package.json.',
    })
  }
  admitClaim(plugin, installed)
  return { ...(provider && { provider }), ...(coordinator && { coordinator }) }
}
