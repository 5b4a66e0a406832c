import type { ProviderDeps } from '@agentctl/contract'

/** How the clients of one module get at AWS. */
export interface Access {
  readonly env: ProviderDeps['env']
  /** Of the AWS files. */
  readonly profile?: string
}

/** Where a client is. Without a region the SDK looks for one: variables, then the shared configuration. */
export interface Place {
  readonly region?: string
  /** A compatible store. */
  readonly endpoint?: string
}

/** What every client is made with. Variables: AWS SDKs reference guide, "Service-specific endpoints", 2026-11. */
export function configFor({ env, profile }: Access, service: string, region: string | undefined) {
  const chosen = region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION)
  const endpoint = env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL
  return {
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
    ...(chosen && { region: chosen }),
    ...(profile !== undefined && { profile }),
    ...(endpoint && { endpoint }),
    ...credentialsIn(env),
  }
}

/** Keys of the environment as it was given; all other ways are the SDK's own chain. */
function credentialsIn(env: ProviderDeps['env']) {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: token,
  } = env
  if (!accessKeyId || !secretAccessKey) return {}
  return { credentials: { accessKeyId, secretAccessKey, ...(token && { sessionToken: token }) } }
}

/** The config's `providers: aws:` section, as far as it is about credentials. */
export function accessOf({ settings, env }: Pick<ProviderDeps, 'settings' | 'env'>): Access {
  const named = (settings as { profile?: unknown } | undefined)?.profile
  const profile = env.AWS_PROFILE || (typeof named === 'string' ? named : undefined)
  return { env, ...(profile && { profile }) }
}
