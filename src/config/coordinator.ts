import { z } from 'zod'
import { parseSecretRef } from './secrets.ts'
import type { CoordinatorAddress, SecretRef } from './types.ts'

/** The variable that may hold the address with its password, as no file and no argument may. */
const variable = 'AGENTCTL_COORDINATOR'

const passwordRefusal =
  'holds a password, which would end up in version control, in logs and in lists of processes: write ' +
  'env:AGENTCTL_COORDINATOR_URL, or leave the password out where it is found without it, ' +
  'as PGPASSWORD and PGPASSFILE say it for postgres'
const shapeRefusal =
  'must be an address such as postgres://user@host/database, or a reference such as env:NAME or file:PATH'

/** Whatever could be a password, an `@` that is not written as %40 included. */
function hasPassword(address: string): boolean {
  return /:\/\/.*:.*@|[?&][^=&]*(password|secret)[^=&]*=/i.test(address)
}

/** The scheme of an address, such as `postgres`; undefined for what is none. */
export function addressScheme(text: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\/\S+$/.exec(text)?.[1]
}

function refusalOf(text: string): string | undefined {
  if (parseSecretRef(text) !== undefined) return undefined
  if (hasPassword(text)) return passwordRefusal
  return addressScheme(text) === undefined ? shapeRefusal : undefined
}

/** An address without a password, or a reference to one. What is refused is not repeated: it may hold the password. */
export const coordinatorAddress = z
  .string()
  .superRefine((text, context) => {
    const message = refusalOf(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  .meta({
    pattern:
      '^((env|file|command|aws-ssm|aws-secretsmanager|gcp-secret|azure-keyvault):|[a-z][a-z0-9+.-]*://).+$',
  })

/** What the variable says: with a password, only that it is to be read from there. */
export function fromVariable(text: string): string {
  return refusalOf(text) === passwordRefusal ? `env:${variable}` : text
}

/** The schema has seen to it that it is one of the two. */
export function coordinatorOf(text: string): CoordinatorAddress {
  const ref: SecretRef | undefined = parseSecretRef(text)
  return ref === undefined ? { kind: 'address', address: text } : { kind: 'reference', ref }
}
