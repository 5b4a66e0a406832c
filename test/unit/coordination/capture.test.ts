import type { StoredRecord } from '@agentctl/contract'
import { describe, expect, it } from 'vitest'
import { captureIn, fill } from '../../../src/coordination/capture.ts'
import { journalOf } from '../../../src/coordination/mirror.ts'
import { sqlite } from '../../../src/effects/sqlite.ts'
import { prepare } from '../../../src/journal/database.ts'
import { journalIn } from '../../../src/journal/journal.ts'
import { jobId, launchRecord, t0, unitRecord } from '../fleet/build.ts'

function rig(records: readonly StoredRecord[] = []) {
  const database = new (sqlite().DatabaseSync)(':memory:')
  prepare(database)
  fill(database, records)
  return {
    database,
    capture: captureIn(database, { work: 'p+q', now: () => t0 }),
    journal: journalIn(database, () => t0),
  }
}

const launch = launchRecord({ launchId: 'l1', pool: 'p', agentType: 's1-x' })
const unit = unitRecord({ launchId: 'l1', index: 0, jobId: jobId(1), want: jobId(1) })

describe('what is captured', () => {
  it('is every write, once, as it is at the end, each under its subject', () => {
    const { journal, capture } = rig()
    journal.save({ launches: [launch], units: [unit] })
    journal.save({ units: [{ ...unit, phase: 'gone' }] })
    journal.save({ jobs: [{ jobId: jobId(1), agentType: 's1-x', queuedAt: t0, waits: [] }] })
    journal.saveBreaker({ pool: 'q', failures: 1, openUntil: 0, cause: 'none' })
    journal.saveSlots([{ agentType: 's1-x', number: 3, epoch: 1 }])
    journal.saveAcquaintance({ scope: 'sim/r', firstAt: t0, hadMachines: false })
    const { saved, removed } = capture.take()
    expect(removed).toEqual([])
    expect(saved.map(({ kind, subject, isOpen }) => [kind, subject, isOpen])).toEqual([
      ['launch', 'pool/p', false],
      ['unit', 'pool/p', false],
      ['job', 'type/s1-x', true],
      ['note', 'pool/q', true],
      ['note', 'type/s1-x', true],
      ['note', 'work/p+q', true],
    ])
    expect(capture.take()).toEqual({ saved: [], removed: [] })
  })

  it('is a note that was taken away as well', () => {
    const { journal, capture } = rig()
    journal.saveHubLimit({ agentType: 's1-x', since: t0, lastProbeAt: t0 })
    const [{ kind, key } = { kind: 'note', key: '' }] = capture.take().saved
    journal.clearHubLimit('s1-x')
    expect(capture.isEmpty()).toBe(false)
    expect(capture.take()).toEqual({ saved: [], removed: [{ kind, key }] })
  })

  it('is a used scope for the sweep too', () => {
    const { journal, capture } = rig()
    journal.rememberScope({ provider: 'sim', scope: { account: 'a', region: 'r' } })
    expect(capture.take().saved.map(one => one.subject)).toEqual(['work/p+q', 'work/*'])
  })

  it('is nothing of what was read', () => {
    const { journal, capture } = rig()
    journal.save({ launches: [launch], units: [unit] })
    const { saved } = capture.take()
    const other = rig(saved)
    other.capture.quietly(() => fill(other.database, saved))
    expect(other.capture.isEmpty()).toBe(true)
    expect(other.journal.memory([])).toEqual(journal.memory([]))
  })

  it('makes the same journal elsewhere', () => {
    const { journal, capture } = rig()
    journal.save({
      launches: [launch],
      units: [unit],
      jobs: [{ jobId: jobId(1), agentType: 's1-x', queuedAt: t0, waits: [] }],
      queues: [{ agentType: 's1-x', at: t0, queued: 4 }],
    })
    journal.saveStockOut({
      pool: 'p',
      offeringId: 'a/b',
      until: t0,
      count: 1,
      code: 'internal',
      message: "o'",
    })
    journal.saveSightings([{ key: 'disk é 1', firstAt: t0, lastAt: t0 }])
    journal.saveSweptAt(t0)
    using copy = journalOf(capture.take().saved, () => t0)
    expect(copy.memory([])).toEqual(journal.memory([]))
    expect(copy.history({ since: 0 })).toEqual(journal.history({ since: 0 }))
    expect(copy.sightings()).toEqual(journal.sightings())
    expect(copy.sweptAt()).toBe(t0)
  })
})
