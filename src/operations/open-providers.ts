import type { Provider } from '@agentctl/contract'
import { entryFor } from '../providers/load.ts'
import { providersIn } from '../providers/registry.ts'
import type { Context } from './context.ts'

/** Opens the named providers, each once. @throws `provider-not-installed`, `unsupported` */
export async function openProviders(
  { settings, plugins, log, effects }: Context,
  names: readonly string[],
): Promise<ReadonlyMap<string, Provider> & AsyncDisposable> {
  const entries = providersIn(plugins)
  const opened = await Promise.all(
    [...new Set(names)].map(async name => {
      const module = await effects.loadProvider(entryFor(name, entries))
      const provider = await module.open({
        owner: settings.owner,
        settings: settings.providers[name],
        clock: effects.clock,
        random: effects.random,
        log,
        env: effects.env,
      })
      return [name, provider] as const
    }),
  )
  return Object.assign(new Map(opened), {
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map(([, provider]) => provider.close()))
    },
  })
}
