import { type UnitRecord, unitKey } from '../../src/fleet/records.ts'
import type { Journal } from '../../src/journal/journal.ts'

export interface Witness {
  /** Edges from phase to phase, and reasons of ends. */
  readonly seen: ReadonlySet<string>
  /** What one command did to another one, in words. */
  readonly wrongs: readonly string[]
  /** Ids of instances that a person wanted to end with the command that made them, be it asked for once or again. */
  readonly cancelled: ReadonlySet<string>
  /** The journal of a host as one command has it, watched; `isOver` tells whether that command is no more. */
  watching(journal: Journal, host: string, isOver: () => boolean): Journal
}

/** Sees which phases units go through, and whose units a command cancels, as their records are written. */
export function createWitness(): Witness {
  const seen = new Set<string>()
  const wrongs: string[] = []
  const cancelled = new Set<string>()
  const phases = new Map<string, string>()
  /** Runs that go on, and those of launches. */
  const live = new Map<string, () => boolean>()
  const runOf = new Map<string, string>()
  return {
    seen,
    wrongs,
    cancelled,
    watching(journal, host, isOver) {
      let own = ''
      const cancel = ({ name, instanceId = '', detail }: UnitRecord, launch: string) => {
        if (detail === 'everything is to end') cancelled.add(instanceId)
        const run = runOf.get(launch) ?? ''
        if (run !== own && live.get(run)?.()) wrongs.push(`${name} was cancelled, and its command goes on`)
      }
      return {
        ...journal,
        saveRun(run) {
          journal.saveRun(run)
          own = run.runId
          live.set(own, () => run.endedAt === undefined && !isOver())
        },
        save(records) {
          journal.save(records)
          for (const { launchId, runId } of records.launches ?? []) runOf.set(`${host} ${launchId}`, runId)
          for (const unit of records.units ?? []) {
            const key = `${host} ${unitKey(unit)}`
            const before = phases.get(key) ?? 'new'
            if (before !== unit.phase) seen.add(`phase ${before} > ${unit.phase}`)
            phases.set(key, unit.phase)
            if (unit.reason !== undefined) seen.add(`end ${unit.reason}`)
            if (unit.reason === 'cancelled' && before !== 'terminating')
              cancel(unit, `${host} ${unit.launchId}`)
          }
        },
        [Symbol.dispose]: () => journal[Symbol.dispose](),
      }
    },
  }
}
