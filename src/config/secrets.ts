import { type ContractError, contractError, isContractError } from '@agentctl/contract'
import { type SecretRef, type SecretScheme, secretSchemes } from './types.ts'

/** Why a text is no reference. It never repeats the text, which may be the secret. */
export const literalRefusal =
  'must be a reference to the secret, not the secret itself, which would end up in version control and in logs: ' +
  'write env:NAME, file:PATH, command:COMMAND, aws-ssm:NAME, aws-secretsmanager:NAME, gcp-secret:NAME ' +
  'or azure-keyvault:NAME'

/** The reference that `text` is, or undefined. */
export function parseSecretRef(text: string): SecretRef | undefined {
  const colon = text.indexOf(':')
  const scheme = secretSchemes.find(known => known === text.slice(0, colon))
  const name = text.slice(colon + 1)
  if (scheme === undefined || name.trim() === '') return undefined
  if (scheme === 'env' && !/^[A-Za-z_]\w*$/.test(name)) return undefined
  return { scheme, name, text }
}

/** Provider plugin whose `readSecret` knows the scheme; undefined for the schemes that need none. */
export const schemeProviders: Readonly<Partial<Record<SecretScheme, string>>> = {
  'aws-ssm': 'aws',
  'aws-secretsmanager': 'aws',
  'gcp-secret': 'gcp',
  'azure-keyvault': 'azure',
}

/** What {@link resolveSecret} reads with. Each rejects when it fails. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>
  readFile(path: string): Promise<string>
  /** Standard output of a command line. */
  run(command: string): Promise<string>
  /** For the schemes of {@link schemeProviders}. */
  viaProvider(ref: SecretRef): Promise<string>
}

const readers: Readonly<
  Record<'env' | 'file' | 'command', (name: string, from: SecretSources) => Promise<string>>
> = {
  env: async (name, { env }) => env[name] ?? '',
  file: (path, from) => from.readFile(path),
  command: (command, from) => from.run(command),
}

const fixes: Readonly<Record<SecretScheme, (name: string) => string>> = {
  env: name => `set ${name} in the environment`,
  file: name => `put the secret into ${name}, readable by this user`,
  command: () => 'make the command print the secret and exit with 0',
  'aws-ssm': name => `create the parameter ${name}, and allow ssm:GetParameter on it`,
  'aws-secretsmanager': name => `create the secret ${name}, and allow secretsmanager:GetSecretValue on it`,
  'gcp-secret': name => `create the secret ${name}, and allow secretmanager.versions.access on it`,
  'azure-keyvault': name => `create the secret ${name}, and allow reading it`,
}

/**
 * The secret's value, without the white space around it.
 * @throws `unauthenticated` when it cannot be read or is empty; errors of a provider as they are
 */
export async function resolveSecret(ref: SecretRef, from: SecretSources): Promise<string> {
  const value = await read(ref, from).catch((cause: unknown) => {
    throw isContractError(cause) ? cause : unreadable(ref, 'could not be read', cause)
  })
  const trimmed = value.trim()
  if (trimmed === '') throw unreadable(ref, 'is empty')
  return trimmed
}

function read(ref: SecretRef, from: SecretSources): Promise<string> {
  const { scheme, name } = ref
  if (scheme === 'env' || scheme === 'file' || scheme === 'command') return readers[scheme](name, from)
  return from.viaProvider(ref)
}

/** What a command printed may be half a secret, so the cause's words stay in the cause. */
function unreadable(ref: SecretRef, what: string, cause?: unknown): ContractError {
  return contractError('unauthenticated', `The secret ${ref.text} ${what}`, {
    hint: fixes[ref.scheme](ref.name),
    cause,
  })
}
