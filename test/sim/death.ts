import { type Boundary, type Operation, operations } from '@agentctl/provider-sim'
import type { Journal } from '../../src/journal/journal.ts'
import type { Interception, Process } from './rig.ts'

/** What a controller meets when it is no more. */
class Dropped extends Error {}

/** Writes of the journal that a decision rests on; a beat that is missing changes nothing. */
export const writes = [
  'save',
  'saveStockOut',
  'saveBreaker',
  'saveHubLimit',
  'saveSightings',
  'saveSlots',
  'saveAcquaintance',
  'saveSweptAt',
] as const

export interface Death extends Required<Pick<Interception, 'journalOf' | 'atBoundary'>> {
  /** Boundaries passed, by name: calls sent, accepted and answered, before and after each write and signal. */
  readonly passed: readonly string[]
  readonly isDropped: () => boolean
  /** Whose death it is; without one nobody dies. */
  of(process: Process): void
  /** What reaches the controller from outside is a boundary as well. */
  deliver(send: () => void): void
}

/**
 * Counts the boundaries at which a controller may die, and drops it at the one of that number, from 1, or at the first
 * one of that name. Of its calls those of `counted` are boundaries.
 */
export function deathAt(point: number | string, counted: readonly Operation[] = operations): Death {
  const passed: string[] = []
  let victim: Process | undefined
  let isDropped = false
  const pass = (name: string) => {
    if (isDropped) throw new Dropped()
    passed.push(name)
    if (!victim || (name !== point && passed.length !== point)) return
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
    deliver(send) {
      try {
        pass('before signal')
        send()
        pass('after signal')
      } catch (error) {
        // It was sent to a process that is no more.
        if (!(error instanceof Dropped)) throw error
      }
    },
    atBoundary(boundary: Boundary, operation: Operation) {
      if (isDropped || counted.includes(operation)) pass(`${boundary} ${operation}`)
    },
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

/** That life, which may end at its death; nothing else may go wrong. */
export async function lived(death: Death, process: Process, life: (process: Process) => Promise<unknown>) {
  death.of(process)
  await life(process).catch(error => {
    if (!death.isDropped()) throw error
  })
}
