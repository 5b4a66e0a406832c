import type { Boundary, Operation } from '@agentctl/provider-sim'
import type { Journal } from '../../src/journal/journal.ts'
import type { Interception, Process } from '../sim/rig.ts'

/** What a controller meets when it is no more. */
export class Dropped extends Error {}

/** Writes of the journal that a decision rests on. */
const writes = [
  'save',
  'saveStockOut',
  'saveBreaker',
  'saveHubLimit',
  'saveSightings',
  'saveSlots',
  'saveAcquaintance',
  'saveSweptAt',
] as const

export interface Death extends Interception {
  /** Boundaries passed, by name. */
  readonly passed: readonly string[]
  readonly isDropped: () => boolean
  /** Whose death it is; without one nobody dies. */
  of(process: Process): void
}

/** Counts the boundaries at which a controller may die, and drops it at the one of that number, from 1. */
export function deathAt(moment: number): Death {
  const passed: string[] = []
  let victim: Process | undefined
  let isDropped = false
  const pass = (name: string) => {
    if (isDropped) throw new Dropped()
    passed.push(name)
    if (passed.length !== moment || !victim) return
    isDropped = true
    victim.drop()
    throw new Dropped()
  }
  return {
    passed,
    isDropped: () => isDropped,
    of(process) {
      victim = process
    },
    atBoundary: (boundary: Boundary, operation: Operation) => pass(`${boundary} ${operation}`),
    journalOf: journal => ({
      ...journal,
      ...Object.fromEntries(writes.map(write => [write, around(write, journal, pass)])),
      saveRun(run) {
        if (isDropped) throw new Dropped()
        journal.saveRun(run)
      },
      [Symbol.dispose]: () => journal[Symbol.dispose](),
    }),
  }
}

/** A write that may die before it is on disk, or right after. */
function around(write: (typeof writes)[number], journal: Journal, pass: (name: string) => void) {
  return (one: never) => {
    pass(`before ${write}`)
    journal[write](one)
    pass(`after ${write}`)
  }
}
