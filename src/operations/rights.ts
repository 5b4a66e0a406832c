import { contractError, type Rights, type RightsRequest } from '@agentctl/contract'
import { parseSecretRef, type SecretRef, type Settings } from '../config/index.ts'
import { schemeProviders } from '../config/secrets.ts'
import { entryFor } from '../providers/load.ts'
import { providersIn } from '../providers/registry.ts'
import type { Context } from './context.ts'

export interface ProviderRights extends Rights {
  readonly provider: string
}

/** The least rights that agentctl needs at a provider, for what the configuration uses. No call is made. @throws `unsupported` */
export async function rightsOf(
  { settings, plugins, effects }: Context,
  provider: string,
  cache: RightsRequest['cache'],
): Promise<ProviderRights> {
  const module = await effects.loadProvider(entryFor(provider, providersIn(plugins)))
  if (!module.rights) {
    throw contractError('unsupported', `The provider ${provider} knows no rights: it asks nobody for leave`, {
      hint: 'Whoever may use it on this machine may use it through agentctl.',
    })
  }
  return { provider, ...module.rights({ ...inUse(settings, provider), ...(cache && { cache }) }) }
}

function inUse(settings: Settings, provider: string): RightsRequest {
  const pools = Object.values(settings.pools).filter(pool => pool.provider === provider)
  return {
    owner: settings.owner,
    settings: settings.providers[provider],
    specs: pools.map(pool => pool.spec),
    secrets: [
      ...new Set(
        secretsOf(settings)
          .filter(ref => schemeProviders[ref.scheme] === provider)
          .map(ref => ref.text),
      ),
    ],
    tokenBuckets: [
      ...new Set(
        pools.flatMap(({ tokenDelivery }) =>
          tokenDelivery.kind === 'presigned' ? [tokenDelivery.bucket] : [],
        ),
      ),
    ],
  }
}

function secretsOf({ apiToken, agentTypes, pools }: Settings): readonly SecretRef[] {
  const files = Object.values(pools).flatMap(pool => pool.bootstrap.files.map(file => file.from ?? ''))
  return [
    ...(apiToken ? [apiToken] : []),
    ...Object.values(agentTypes).map(type => type.token),
    ...Object.values(pools).flatMap(pool => Object.values(pool.secretEnvVars)),
    ...files.flatMap(text => parseSecretRef(text) ?? []),
  ]
}
