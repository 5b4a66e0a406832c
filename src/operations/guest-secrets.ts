import { contractError } from '@agentctl/contract'
import type { GuestFile } from '../bootstrap/linux/index.ts'
import { parseSecretRef } from '../config/index.ts'
import type { Pool, SecretRef } from '../config/types.ts'

/** Secrets of a person's own that the machines of a pool get. */
export interface GuestSecrets {
  /** `NAME=VALUE`, for the agent's env-vars. */
  readonly variables: readonly string[]
  /** The pool's files, complete. */
  readonly files: readonly GuestFile[]
}

/** Reads what `secret-env-vars` and `files: from` of a pool refer to. @throws `unauthenticated`, `invalid-spec` */
export async function guestSecretsOf(
  pool: Pool,
  read: (ref: SecretRef) => Promise<string>,
): Promise<GuestSecrets> {
  const variables = Object.entries(pool.secretEnvVars).map(async ([name, ref]) =>
    variable(name, ref, await read(ref)),
  )
  const files = pool.bootstrap.files.map(async ({ path, content, from, mode, owner }) => {
    const ref = from === undefined ? undefined : parseSecretRef(from)
    return { path, mode, owner, content: ref ? `${await read(ref)}\n` : (content ?? '') }
  })
  return { variables: await Promise.all(variables), files: await Promise.all(files) }
}

/** The agent splits at every `=` and takes lines for settings (agent ParseEnvVars, v2.4.0). */
function variable(name: string, ref: SecretRef, value: string): string {
  if (!/[=\n\0]/.test(value)) return `${name}=${value}`
  throw contractError(
    'invalid-spec',
    `The secret ${ref.text} cannot be the variable ${name}: it holds a \`=\`, a line break or a NUL`,
    { hint: 'Put it into a file of the pool: bootstrap.files takes `from` with the same reference.' },
  )
}
