import { contractError, type ProviderDeps } from '@agentctl/contract'
import { accessOf } from './storage/config.ts'
import { ask } from './storage/errors.ts'
import { readManagedSecret, readParameter, writeManagedSecret, writeParameter } from './storage/sdk.ts'

/** Where each kind of reference is read. `right` names what the reader must be allowed. */
const stores = {
  'aws-ssm': {
    read: readParameter,
    right: 'ssm:GetParameter',
    write: writeParameter,
    writeRight: 'ssm:PutParameter',
  },
  'aws-secretsmanager': {
    read: readManagedSecret,
    right: 'secretsmanager:GetSecretValue',
    write: writeManagedSecret,
    writeRight: 'secretsmanager:PutSecretValue and secretsmanager:CreateSecret',
  },
} as const

interface SecretPlace {
  readonly store: keyof typeof stores
  readonly name: string
  /** A field of a secret that is JSON, written as `#key`. */
  readonly key?: string
  /** Of an ARN; else the SDK's own. */
  readonly region?: string
}

/** Pure. Undefined for what is no reference to a secret at AWS. */
export function secretPlace(ref: string): SecretPlace | undefined {
  const [, scheme = '', name = '', key] = /^(aws-ssm|aws-secretsmanager):([^#]+)(?:#(.+))?$/.exec(ref) ?? []
  if (!(scheme in stores)) return undefined
  const region = /^arn:[^:]+:[^:]+:([^:]+):/.exec(name)?.[1]
  return {
    store: scheme as keyof typeof stores,
    name,
    ...(key !== undefined && { key }),
    ...(region !== undefined && { region }),
  }
}

/**
 * The value behind `aws-ssm:NAME` (decrypted) or `aws-secretsmanager:NAME`; of a secret that is JSON, `#KEY` takes one
 * field. NAME may be an ARN, of another region or account too.
 * @throws `invalid-spec`, `permission-denied`, `unauthenticated`, `unavailable`; the value is in no message
 */
export async function readSecret(ref: string, deps: Pick<ProviderDeps, 'settings' | 'env'>): Promise<string> {
  const place = secretPlace(ref)
  if (!place) throw contractError('unsupported', `${ref} is no secret at AWS`)
  const { read, right } = stores[place.store]
  const asked = { what: `reading the secret ${ref}`, right: `${right} on ${place.name}` }
  const value = await ask(asked, () => read(accessOf(deps), place, place.name))
  if (value === undefined) {
    throw contractError('invalid-spec', `The secret ${ref} is no text`, { hint: 'Store it as a string.' })
  }
  return place.key === undefined ? value : fieldOf(ref, value, place.key)
}

/**
 * Stores a value where {@link readSecret} reads it: as an encrypted parameter, or as a secret.
 * @throws `unsupported` for one field of a secret, `permission-denied`, `unauthenticated`, `unavailable`
 */
export async function writeSecret(
  ref: string,
  value: string,
  deps: Pick<ProviderDeps, 'settings' | 'env'>,
): Promise<void> {
  const place = secretPlace(ref)
  if (!place || place.key !== undefined || (place.store === 'aws-ssm' && place.region !== undefined)) {
    throw contractError('unsupported', `Nothing can be stored as ${ref}`, {
      hint: 'Name a parameter by its name, or a whole secret, without #KEY.',
    })
  }
  const { write, writeRight } = stores[place.store]
  const asked = { what: `storing the secret ${ref}`, right: `${writeRight} on ${place.name}`, isApart: true }
  await ask(asked, () => write(accessOf(deps), place, place.name, value))
}

function fieldOf(ref: string, value: string, key: string): string {
  const field = parsed(value)?.[key]
  if (typeof field === 'string') return field
  throw contractError('invalid-spec', `The secret ${ref} is no JSON with a text under ${key}`, {
    hint: 'Correct what comes after the #, or leave it out to take the whole secret.',
  })
}

/** What JSON.parse throws would repeat the secret. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return value instanceof Object ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
