import { providersIn } from '../providers/registry.ts'
import type { Context } from './context.ts'
import { listHosts } from './hosts.ts'
import { listInstances } from './instances.ts'
import { listProviders } from './providers.ts'

interface Name {
  readonly value: string
  readonly about: string
}

/** Names that a person may mean, each with what tells it from the others. Instances are asked of the clouds. */
export const knownNames: Readonly<
  Record<
    'pool' | 'provider' | 'agent-type' | 'instance' | 'host',
    (context: Context) => readonly Name[] | Promise<readonly Name[]>
  >
> = {
  pool: ({ settings }) =>
    Object.values(settings.pools).map(({ name, provider }) => ({ value: name, about: provider })),

  'agent-type': ({ settings }) =>
    Object.values(settings.agentTypes).map(({ name, pools }) => ({ value: name, about: pools.join(', ') })),

  provider: ({ plugins }) => {
    const installed = new Set(providersIn(plugins).map(({ provider }) => provider))
    return listProviders(plugins).map(({ provider, plugin }) => ({
      value: provider,
      about: installed.has(provider) ? plugin : `${plugin}, not installed`,
    }))
  },

  instance: async context =>
    (await listInstances(context)).instances.flatMap(({ instance, launch, unit }) =>
      instance ? [{ value: instance.id, about: `${launch.pool} ${unit.name}` }] : [],
    ),

  host: async context =>
    (await listHosts(context)).hosts.map(({ host, version, isAlive }) => ({
      value: host,
      about: isAlive ? version : 'gone',
    })),
}
