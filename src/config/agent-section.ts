import type { Mapping } from './path.ts'

/** Keys under a pool's `agent:` that are agentctl's: which agent runs, not how. */
export const agentSourceKeys = ['binary', 'download', 'sha256'] as const

/** A pool's `agent:` as the two things that it says. */
export function splitAgent(section: Mapping): { readonly source: Mapping; readonly rest: Mapping } {
  const isSource = ([key]: readonly [string, unknown]) => (agentSourceKeys as readonly string[]).includes(key)
  const entries = Object.entries(section)
  return {
    source: Object.fromEntries(entries.filter(isSource)),
    rest: Object.fromEntries(entries.filter(entry => !isSource(entry))),
  }
}
