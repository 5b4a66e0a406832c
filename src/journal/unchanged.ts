import type { Statements } from './database.ts'

/** Questions whose answers are kept; what is wanted changes while the file does not. */
const answersMax = 32

/** The answer to a question, read again only after somebody has written into the file. */
export type Unchanged = <T>(question: string, read: () => T) => T

/**
 * A tick asks the same things several times, and most ticks of a quiet fleet change nothing. `data_version` moves with
 * each commit of another connection, `total_changes` with each write of this one (sqlite.org, 2026-11).
 */
export function unchangedIn(statement: Statements): Unchanged {
  let answers = new Map<string, unknown>()
  let seen: readonly unknown[] = []
  return <T>(question: string, read: () => T): T => {
    const { data_version: others } = statement('pragma data_version').get() ?? {}
    const { own } = statement('select total_changes() as own').get() ?? {}
    const hasChanged = others !== seen[0] || own !== seen[1]
    if (hasChanged || answers.size >= answersMax) answers = new Map()
    seen = [others, own]
    // Those of before a change that came while this was read are not among the answers after it.
    const kept = answers
    if (!kept.has(question)) kept.set(question, read())
    return kept.get(question) as T
  }
}
