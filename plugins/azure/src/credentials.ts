import { contractError, type ProviderDeps } from '@agentctl/contract'
import { type Credential, importIdentity } from './sdk.ts'
import type { CredentialKind, Settings } from './settings.ts'

type Env = ProviderDeps['env']

export const loginHint =
  'Set AZURE_TENANT_ID and AZURE_CLIENT_ID with AZURE_FEDERATED_TOKEN_FILE (no key needed), AZURE_CLIENT_CERTIFICATE_PATH or AZURE_CLIENT_SECRET; or run where a managed identity is; or log in with "az login".'

/**
 * The one class that the settings or the environment call for. `DefaultAzureCredential`, which asks one after the
 * other and reads the environment of the process itself, only where neither does.
 */
export async function openCredential(settings: Settings, env: Env): Promise<Credential> {
  const identity = await importIdentity()
  const { authority } = settings
  // A login of one's own is in no directory of Microsoft's.
  const login = authority === undefined ? {} : { authorityHost: authority, disableInstanceDiscovery: true }
  const clientId = env.AZURE_CLIENT_ID
  switch (kindOf(settings.credential, env)) {
    case 'secret':
      return new identity.ClientSecretCredential(...idsIn(env), env.AZURE_CLIENT_SECRET ?? '', login)
    case 'certificate':
      return new identity.ClientCertificateCredential(
        ...idsIn(env),
        { certificatePath: env.AZURE_CLIENT_CERTIFICATE_PATH ?? '' },
        login,
      )
    case 'federated': {
      const [tenantId, client] = idsIn(env)
      const tokenFilePath = env.AZURE_FEDERATED_TOKEN_FILE ?? ''
      return new identity.WorkloadIdentityCredential({ tenantId, clientId: client, tokenFilePath, ...login })
    }
    case 'managed-identity':
      return new identity.ManagedIdentityCredential(clientId === undefined ? {} : { clientId })
    case 'cli':
      return new identity.AzureCliCredential()
    case 'default':
      return new identity.DefaultAzureCredential(login)
  }
}

type Kind = 'secret' | 'certificate' | 'federated' | Exclude<CredentialKind, 'environment'>

/** Pure. */
function kindOf(wanted: CredentialKind | undefined, env: Env): Kind {
  if (wanted !== undefined && wanted !== 'environment') return wanted
  if (env.AZURE_FEDERATED_TOKEN_FILE) return 'federated'
  if (env.AZURE_CLIENT_CERTIFICATE_PATH) return 'certificate'
  if (env.AZURE_CLIENT_SECRET) return 'secret'
  if (wanted === 'environment') {
    throw contractError('unauthenticated', 'The environment has no credentials for Azure', {
      hint: loginHint,
    })
  }
  return env.IDENTITY_ENDPOINT ? 'managed-identity' : 'default'
}

function idsIn(env: Env): [tenantId: string, clientId: string] {
  const { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId } = env
  if (!tenantId || !clientId) {
    const missing = tenantId ? 'AZURE_CLIENT_ID' : 'AZURE_TENANT_ID'
    throw contractError('unauthenticated', `${missing} is not set`, { hint: loginHint })
  }
  return [tenantId, clientId]
}
