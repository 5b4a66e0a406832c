import type { Problem } from '@agentctl/contract'
import type { z } from 'zod'

/** One problem per issue, and one per key that is not known. */
export function problemsOf(error: z.ZodError, root: string): readonly Problem[] {
  return error.issues.flatMap(issue => {
    const path = issue.path.reduce<string>(
      (before, key) => before + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`),
      root,
    )
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map(key => ({ path: `${path}.${key}`, message: 'is not a known key' }))
    }
    if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path, message }))
    return [{ path, message: issue.message }]
  })
}
