import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JobRecord } from '../../../src/fleet/records.ts'
import { type Journal, openJournal } from '../../../src/journal/journal.ts'
import { jobId, launchRecord, minute, t0, unitRecord } from '../fleet/build.ts'

let folder: string
let now = t0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentctl-history-'))
  now = t0
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = () => openJournal(folder, () => now)
const job = (number: number, change: Partial<JobRecord> = {}): JobRecord => ({
  ...{ jobId: jobId(number), agentType: 's1-x', queuedAt: t0, waits: [] },
  ...change,
})

function put(journal: Journal, number: number, unit: Parameters<typeof unitRecord>[0] = {}) {
  const launchId = `l${String(number).padStart(6, '0')}`
  journal.save({
    launches: [launchRecord({ launchId, intendedAt: now })],
    units: [unitRecord({ launchId, jobId: jobId(number), want: jobId(number), phase: 'gone', ...unit })],
  })
}

describe('history', () => {
  it('is of what is open, and what changed since then', () => {
    using journal = open()
    put(journal, 1)
    put(journal, 2, { phase: 'online' })
    journal.save({
      jobs: [job(1, { leftAt: t0 }), job(2)],
      queues: [{ agentType: 's1-x', at: t0, queued: 2, running: 1 }],
    })
    now = t0 + minute
    put(journal, 3)
    journal.save({ jobs: [job(3, { leftAt: now })], queues: [{ agentType: 's1-x', at: now, queued: 0 }] })
    const { units, launches, jobs, queues } = journal.history({ since: t0 + 1 })
    expect(units.map(unit => unit.jobId)).toEqual([jobId(2), jobId(3)])
    expect(launches).toHaveLength(2)
    expect(jobs.map(one => one.jobId)).toEqual([jobId(2), jobId(3)])
    expect(queues).toEqual([{ agentType: 's1-x', at: now, queued: 0 }])
    expect(journal.lastQueues()).toEqual(queues)
    expect(journal.history({ jobId: jobId(1) })).toMatchObject({
      units: [{ jobId: jobId(1) }],
      jobs: [{ leftAt: t0 }],
    })
    const asked = journal.jobs([jobId(1)]).map(one => one.jobId)
    expect(asked.toSorted()).toEqual([jobId(1), jobId(2)])
  })

  it('of a journal of the first version is what that knew', () => {
    {
      using journal = open()
      put(journal, 1)
    }
    {
      using old = new DatabaseSync(join(folder, 'journal.sqlite'))
      old.exec('drop table jobs; drop table queues; drop index units_changed; pragma user_version = 1')
    }
    using journal = open()
    journal.save({ jobs: [job(2)] })
    const { units, jobs } = journal.history({ since: 0 })
    expect([units, jobs]).toMatchObject([[{ jobId: jobId(1) }], [job(2)]])
  })
})

describe('what a journal keeps', () => {
  const bytesMax = 1_000_000_000

  it('is of its time, jobs and queues too', () => {
    using journal = open()
    put(journal, 1)
    journal.save({ jobs: [job(1)], queues: [{ agentType: 's1-x', at: t0, queued: 1 }] })
    now = t0 + minute
    journal.save({ jobs: [job(2)], queues: [{ agentType: 's1-x', at: now, queued: 2 }] })
    journal.prune({ before: t0 + 1, bytesMax })
    const { units, jobs, queues } = journal.history({ since: 0 })
    expect([units.length, jobs.map(one => one.jobId), queues.map(one => one.queued)]).toEqual([
      0,
      [jobId(2)],
      [2],
    ])
  })

  it('is bounded: the oldest consoles go first, then the oldest of what is closed', () => {
    using journal = open()
    const consoleTail = 'x'.repeat(4_000)
    for (let number = 1; number <= 200; number++) {
      now++
      put(journal, number, { consoleTail, ...(number === 7 && { phase: 'online' }) })
    }
    const kept = () => journal.history({ since: 0 }).units
    journal.prune({ before: 0, bytesMax: 700_000 })
    expect(kept()).toHaveLength(200)
    const talking = kept().filter(unit => unit.consoleTail !== undefined)
    expect(talking.length).toBeLessThan(200)
    expect(talking.map(unit => unit.jobId)).toContain(jobId(200))
    expect(talking.map(unit => unit.jobId)).not.toContain(jobId(1))

    journal.prune({ before: 0, bytesMax: 150_000 })
    expect(kept().length).toBeLessThan(150)
    expect(kept().map(unit => unit.jobId)).toContain(jobId(200))
    expect(kept().map(unit => unit.jobId)).toContain(jobId(7))
  })
})
