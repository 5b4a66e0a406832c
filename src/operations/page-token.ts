import { contractError } from '@agentctl/contract'
import { parseSecretRef, resolveSecret } from '../config/index.ts'
import type { Context } from './context.ts'
import { secretSources } from './open-hub.ts'

/** A shorter one could be guessed. Unit: characters. */
const lengthMin = 16

/** The token of the page of `capacity serve`. @throws `invalid-spec`, and what reading the reference throws */
export async function readPageToken(context: Context, text: string): Promise<string> {
  const hint = 'Write env:NAME or file:PATH, and there a word such as `openssl rand -hex 24` gives.'
  const ref = parseSecretRef(text)
  if (!ref) throw contractError('invalid-spec', '--page-token is no reference to a secret', { hint })
  const token = await resolveSecret(ref, secretSources(context))
  if (token.length >= lengthMin && /^\S+$/.test(token)) return token
  throw contractError(
    'invalid-spec',
    `The token of the page is not one word of at least ${lengthMin} characters`,
    {
      hint,
    },
  )
}
