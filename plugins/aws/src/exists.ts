import type { Finding } from '@agentctl/contract'
import { toContractError } from './errors.ts'

/** A read that fails with "not found" is a problem with the spec, and any other failure is its own. */
export async function exists(
  subject: string,
  what: string,
  /** Gives what is wrong with what is there. */
  read: () => Promise<string | undefined>,
): Promise<readonly Finding[]> {
  try {
    const wrong = await read()
    if (wrong === undefined) return [{ level: 'ok', subject, message: `${what} is there` }]
    return [{ level: 'problem', subject: `spec.${subject}`, message: wrong, fix: `Correct spec.${subject}.` }]
  } catch (error) {
    const { code, message, fault = '' } = toContractError(error, `the look at ${what}`)
    if (code !== 'invalid-spec') return [{ level: 'unproven', subject, message, ...hint(error) }]
    return [{ level: 'problem', subject: `spec.${subject}`, message: fault, fix: `Correct spec.${subject}.` }]
  }
}

function hint(error: unknown): { readonly fix?: string } {
  const { hint: fix } = toContractError(error, 'the look')
  return fix === undefined ? {} : { fix }
}
