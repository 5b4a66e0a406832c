import type { Problem } from './errors.ts'

/** As much of an issue of zod as is read, so that nobody has to have the same copy of zod. */
interface Issue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
  /** Of `unrecognized_keys`. */
  readonly keys?: readonly string[]
  /** Of `invalid_key`. */
  readonly issues?: readonly { readonly message: string }[]
}

/** One problem per issue, and one per key that is not known; `root` is the key that was parsed, such as `spec`. Pure. */
export function problemsOf(error: { readonly issues: readonly object[] }, root: string): readonly Problem[] {
  return (error.issues as readonly Issue[]).flatMap(issue => {
    const path = issue.path.reduce<string>(
      (before, key) => before + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`),
      root,
    )
    if (issue.code === 'unrecognized_keys') {
      return (issue.keys ?? []).map(key => ({ path: `${path}.${key}`, message: 'is not a known key' }))
    }
    if (issue.code === 'invalid_key') return (issue.issues ?? []).map(({ message }) => ({ path, message }))
    return [{ path, message: issue.message }]
  })
}
