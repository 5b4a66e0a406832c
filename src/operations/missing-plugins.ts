import { schemeProviders } from '../config/secrets.ts'
import { knownProviders } from '../providers/known.ts'
import { providersIn } from '../providers/registry.ts'
import type { Context } from './context.ts'

export interface MissingPlugin {
  readonly provider: string
  readonly plugin: string
}

/** Plugins of agentctl's own that are not installed and that pools need: for their machines, or to read a token. */
export function missingPlugins(
  { settings, plugins }: Context,
  pools: readonly string[],
): readonly MissingPlugin[] {
  const installed = new Set(providersIn(plugins).map(one => one.provider))
  const machines = pools.flatMap(pool => settings.pools[pool]?.provider ?? [])
  const types = Object.values(settings.agentTypes).filter(type => type.pools.some(one => pools.includes(one)))
  const secrets = [settings.apiToken, ...types.map(type => type.token)]
  const readers = secrets.flatMap(ref => (ref && schemeProviders[ref.scheme]) ?? [])
  return [...new Set([...machines, ...readers])].flatMap(provider => {
    const plugin = knownProviders[provider]?.plugin
    return plugin === undefined || installed.has(provider) ? [] : { provider, plugin }
  })
}
