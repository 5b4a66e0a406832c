import { contractError, type ProviderDeps, problemsOf } from '@agentctl/contract'
import { z } from 'zod'

const guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'is no GUID')
const url = z.url({ protocol: /^https$/, error: 'is no URL that begins with https://' })
/** Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules, read 2026-11-26. */
export const groupName = z.string().regex(/^[\w.()-]{0,89}[\w()-]$/, 'is no name of a resource group')
export const subscriptionId = guid

const credentials = ['environment', 'managed-identity', 'cli', 'default'] as const
export type CredentialKind = (typeof credentials)[number]

const source = z.strictObject({
  subscription: guid.optional(),
  'resource-group': groupName.optional(),
  endpoint: url.optional(),
  audience: url.optional(),
  authority: url.optional(),
  credential: z.enum(credentials).optional(),
})

export interface Settings {
  /** Of specs that name none. */
  readonly subscription: string | undefined
  readonly group: string | undefined
  /** Of the resource manager, without a slash at the end. */
  readonly endpoint: string
  /** Whom a token is for. */
  readonly audience: string
  /** Of the login; undefined for the public cloud's own, whose instances are discovered. */
  readonly authority: string | undefined
  readonly credential: CredentialKind | undefined
}

const publicEndpoint = 'https://management.azure.com'

/** The config's `providers: azure:` section. @throws `invalid-spec` with every problem at once */
export function parseSettings(raw: unknown, env: ProviderDeps['env']): Settings {
  const parsed = source.safeParse(raw ?? {})
  if (!parsed.success) {
    throw contractError('invalid-spec', 'The settings of the provider azure are not valid', {
      problems: problemsOf(parsed.error, 'providers.azure'),
      hint: `Its keys are ${Object.keys(source.shape).join(', ')}.`,
    })
  }
  const { subscription, authority, endpoint, audience, credential, ...rest } = parsed.data
  const at = (endpoint ?? env.AGENTCTL_AZURE_ENDPOINT ?? publicEndpoint).replace(/\/+$/, '')
  return {
    subscription: subscription ?? env.AZURE_SUBSCRIPTION_ID,
    group: rest['resource-group'],
    endpoint: at,
    audience: (audience ?? at).replace(/\/+$/, ''),
    authority: authority ?? env.AZURE_AUTHORITY_HOST,
    credential,
  }
}
