import type { Boundary, Operation } from '@agentctl/provider-sim'
import type { Journal } from '../../src/journal/journal.ts'
import type { Process } from '../sim/rig.ts'

/** Writes that the journal is opened for; a beat that is missing changes nothing. */
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

class Dropped extends Error {}

/** Counts the moments at which a controller may die, and drops it at one of them. */
export function dropAt(moment: number) {
  let victim: Process | undefined
  const passed: string[] = []
  let isDropped = false
  const pass = (name: string) => {
    if (!victim) return
    if (isDropped) throw new Dropped()
    passed.push(name)
    if (passed.length !== moment) return
    isDropped = true
    victim.drop()
    throw new Dropped()
  }

  /** A journal whose writes die before, or right after, they are on disk. */
  function journalOf(journal: Journal): Journal {
    const guarded = Object.fromEntries(
      writes.map(write => [
        write,
        (one: never) => {
          pass(`before ${write}`)
          journal[write](one)
          pass(`after ${write}`)
        },
      ]),
    )
    const saveRun: Journal['saveRun'] = run => {
      if (isDropped) throw new Dropped()
      journal.saveRun(run)
    }
    return { ...journal, ...guarded, saveRun, [Symbol.dispose]: () => journal[Symbol.dispose]() }
  }

  return {
    passed,
    journalOf,
    atBoundary(boundary: Boundary, operation: Operation) {
      if (operation === 'launch' || operation === 'terminate' || isDropped) pass(`${boundary} ${operation}`)
    },
    async during(process: Process, life: (process: Process) => Promise<unknown>) {
      victim = process
      await life(process).catch(() => undefined)
      victim = undefined
    },
  }
}
