import { contractError, type ProviderDeps } from '@agentctl/contract'
import { openCredential } from './credentials.ts'
import { hasStatus, toContractError } from './errors.ts'
import { importVault } from './sdk.ts'
import { readSecretRef } from './secret-ref.ts'
import { parseSettings } from './settings.ts'

/** How long a vault may take, with its login. Unit: milliseconds. */
const limitMs = 30_000

/** @throws `invalid-spec` for a reference that names nothing, `permission-denied`, `unauthenticated`, `unavailable` */
export async function readSecret(ref: string, deps: ProviderDeps): Promise<string> {
  const { vault, name, version } = readSecretRef(ref)
  const settings = parseSettings(deps.settings, deps.env)
  const what = `reading of the secret ${name} in ${vault}`
  const over = new AbortController()
  const done = new AbortController()
  deps.clock.sleep(limitMs, done.signal).then(
    () => over.abort(),
    () => undefined,
  )
  try {
    const [{ SecretClient }, credential] = await Promise.all([
      importVault(),
      openCredential(settings, deps.env),
    ])
    const client = new SecretClient(vault, credential, {
      retryOptions: { maxRetries: 1 },
      // A vault says itself whom its token is for; only one on this very machine may say what it likes.
      disableChallengeResourceVerification: isLoopback(vault),
    })
    const options = { abortSignal: over.signal, ...(version !== undefined && { version }) }
    const { value } = await client.getSecret(name, options)
    if (value) return value
    throw contractError('invalid-spec', `The ${what} gave nothing`)
  } catch (error) {
    if (hasStatus(error, 404)) throw contractError('invalid-spec', `The ${what} failed: it is not there`)
    if (hasStatus(error, 403)) {
      throw contractError('permission-denied', `The ${what} failed: a right is missing`, {
        hint: 'The right is Microsoft.KeyVault/vaults/secrets/getSecret/action, of the role Key Vault Secrets User; or the vault\'s own access policy, "get" of secrets.',
      })
    }
    if (over.signal.aborted) throw contractError('unavailable', `The ${what} did not end in time`)
    throw toContractError(error, `The ${what}`)
  } finally {
    done.abort()
  }
}

function isLoopback(vault: string): boolean {
  const { hostname } = new URL(vault)
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}
