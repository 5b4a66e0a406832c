import { knownProviders } from '../providers/known.ts'
import { providersIn } from '../providers/registry.ts'
import type { Context } from './context.ts'

export interface MissingPlugin {
  readonly provider: string
  readonly plugin: string
}

/** Plugins of agentctl's own that pools need and that are not installed. */
export function missingPlugins(
  { settings, plugins }: Context,
  pools: readonly string[],
): readonly MissingPlugin[] {
  const installed = new Set(providersIn(plugins).map(one => one.provider))
  const wanted = new Set(pools.flatMap(pool => settings.pools[pool]?.provider ?? []))
  return [...wanted].flatMap(provider => {
    const plugin = knownProviders[provider]?.plugin
    return plugin === undefined || installed.has(provider) ? [] : { provider, plugin }
  })
}
