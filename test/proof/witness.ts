import { unitKey } from '../../src/fleet/records.ts'
import type { Journal } from '../../src/journal/journal.ts'

export interface Witness {
  /** Edges from phase to phase, and reasons of ends. */
  readonly seen: ReadonlySet<string>
  /** The journal of a host, watched. */
  watching(journal: Journal, host: string): Journal
}

/** Sees which phases units go through, as their records are written. */
export function createWitness(): Witness {
  const seen = new Set<string>()
  const phases = new Map<string, string>()
  return {
    seen,
    watching: (journal, host) => ({
      ...journal,
      save(records) {
        journal.save(records)
        for (const unit of records.units ?? []) {
          const key = `${host} ${unitKey(unit)}`
          const before = phases.get(key) ?? 'new'
          if (before !== unit.phase) seen.add(`phase ${before} > ${unit.phase}`)
          phases.set(key, unit.phase)
          if (unit.reason !== undefined) seen.add(`end ${unit.reason}`)
        }
      },
      [Symbol.dispose]: () => journal[Symbol.dispose](),
    }),
  }
}
