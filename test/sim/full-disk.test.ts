import { contractError } from '@agentctl/contract'
import { expect, it } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import { createRig, machinesOf, tally } from './rig.ts'

/** A journal of which that save fails, and those right after it. */
function failing(from: number, times: number): (journal: Journal) => Journal {
  let nth = 0
  return journal => ({
    ...journal,
    save(records) {
      nth += 1
      if (nth >= from && nth < from + times) throw contractError('unavailable', 'The disk is full')
      journal.save(records)
    },
    [Symbol.dispose]: () => journal[Symbol.dispose](),
  })
}

it.each([1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25])(
  'a disk that is full for a moment, at save %s, costs no job a second machine',
  async from => {
    for (const times of [1, 2, 4]) {
      using rig = createRig({ count: 3, jobMs: 30_000, traits: { launchBatchMax: 3 } })
      const victim = rig.process({ journalOf: failing(from, times) })
      await rig.drive(rig.provision({ concurrency: 2 }, victim)).catch(() => undefined)
      victim.drop()
      const next = await rig.drive(rig.provision({ concurrency: 2 }))
      expect(Object.keys(tally(next)).filter(state => state !== 'done')).toEqual([])
      await rig.drive(rig.reap())
      expect(rig.hub.counts(), `${times} times`).toMatchObject({ finished: 3, queued: 0, broken: 0 })
      expect(machinesOf(rig), `${times} times`).toBe(3)
      rig.check({ concurrency: 2 })
    }
  },
)
