import { contractError, type ProviderDeps, tagNames } from '@agentctl/contract'
import { openCredential } from './credentials.ts'
import { hasStatus, toContractError } from './errors.ts'
import { importVault, type SecretClient } from './sdk.ts'
import { readSecretRef } from './secret-ref.ts'
import { parseSettings } from './settings.ts'

/** How long a vault may take, with its login. Unit: milliseconds. */
const limitMs = 30_000

/** @throws `invalid-spec` for a reference that names nothing, `permission-denied`, `unauthenticated`, `unavailable` */
export async function readSecret(ref: string, deps: ProviderDeps): Promise<string> {
  const place = readSecretRef(ref)
  const what = `reading of the secret ${place.name} in ${place.vault}`
  const { value } = await inVault(deps, place.vault, what, readRight, (client, abortSignal) =>
    client.getSecret(place.name, {
      abortSignal,
      ...(place.version !== undefined && { version: place.version }),
    }),
  )
  if (value) return value
  throw contractError('invalid-spec', `The ${what} gave nothing`)
}

/** As the newest version. @throws `unsupported` for a version that is named, and as {@link readSecret} */
export async function writeSecret(ref: string, value: string, deps: ProviderDeps): Promise<void> {
  const { vault, name, version } = readSecretRef(ref)
  if (version !== undefined) {
    throw contractError('unsupported', `Nothing can be stored as ${ref}: a version does not change`, {
      hint: 'Leave the version out.',
    })
  }
  await inVault(deps, vault, `storing of the secret ${name} in ${vault}`, writeRight, (client, abortSignal) =>
    client.setSecret(name, value, { abortSignal, tags: { [tagNames.owner]: deps.owner } }),
  )
}

const readRight =
  'The right is Microsoft.KeyVault/vaults/secrets/getSecret/action, of the role Key Vault Secrets User; or the vault\'s own access policy, "get" of secrets.'
const writeRight =
  'The right is Microsoft.KeyVault/vaults/secrets/setSecret/action, of the role Key Vault Secrets Officer; or the vault\'s own access policy, "set" of secrets.'

async function inVault<T>(
  deps: ProviderDeps,
  vault: string,
  what: string,
  right: string,
  work: (client: SecretClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const settings = parseSettings(deps.settings, deps.env)
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
    return await work(client, over.signal)
  } catch (error) {
    if (hasStatus(error, 404)) throw contractError('invalid-spec', `The ${what} failed: it is not there`)
    if (hasStatus(error, 403)) {
      throw contractError('permission-denied', `The ${what} failed: a right is missing`, { hint: right })
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
