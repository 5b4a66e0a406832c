import { unitKey } from '../../src/fleet/records.ts'
import type { Journal } from '../../src/journal/journal.ts'

export interface Witness {
  /** Edges from phase to phase, by name. */
  readonly seen: ReadonlySet<string>
  /** A journal that is watched. */
  watching(journal: Journal): Journal
}

/** Sees which phases units go through, as their records are written. */
export function createWitness(): Witness {
  const seen = new Set<string>()
  const phases = new Map<string, string>()
  return {
    seen,
    watching: journal => ({
      ...journal,
      save(records) {
        journal.save(records)
        for (const unit of records.units ?? []) {
          const before = phases.get(unitKey(unit)) ?? 'new'
          if (before !== unit.phase) seen.add(`phase ${before} > ${unit.phase}`)
          phases.set(unitKey(unit), unit.phase)
        }
      },
      [Symbol.dispose]: () => journal[Symbol.dispose](),
    }),
  }
}
