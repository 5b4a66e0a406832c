import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDraft } from '../../../src/journal/draft.ts'
import { type Journal, openJournal } from '../../../src/journal/journal.ts'
import { runsOver } from '../../../src/journal/run.ts'
import { launchRecord, minute, t0, unitRecord } from '../fleet/build.ts'
import { child } from './children.ts'

let folder: string
let now = t0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentctl-journal-'))
  now = t0
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = () => openJournal(folder, () => now)
const names = (units: readonly { launchId: string; index: number }[]) =>
  units.map(one => `${one.launchId}.${one.index}`)

const bytesMax = 1_000_000_000
const shaken = { failures: 1, openUntil: 0, cause: 'c' }

/** A launch of one unit. */
function put(journal: Journal, launchId: string, unit: Parameters<typeof unitRecord>[0] = {}, launch = {}) {
  journal.save({
    launches: [launchRecord({ launchId, ...launch })],
    units: [unitRecord({ launchId, want: launchId, ...unit })],
  })
}

describe('memory', () => {
  it('gives back what was saved, also to the next one who opens it', () => {
    const [launch, unit] = [launchRecord(), unitRecord({ marks: { booted: 1 }, consoleTail: 'ünïcode\n' })]
    {
      using journal = open()
      journal.save({ launches: [launch], units: [unit] })
    }
    using journal = open()
    expect(journal.memory([])).toMatchObject({ launches: [launch], units: [unit] })
  })

  it('is of what is open, what is wanted, and what is seen', () => {
    using journal = open()
    put(journal, 'open')
    put(journal, 'closed', { phase: 'gone' })
    put(journal, 'wanted', { phase: 'gone' })
    put(journal, 'seen', { phase: 'gone' })
    put(journal, 'intended', { phase: 'gone' }, { state: 'intended' })
    expect(names(journal.memory([]).units)).toEqual(['open.0'])
    expect(
      journal
        .memory([])
        .launches.map(one => one.launchId)
        .sort(),
    ).toEqual(['intended', 'open'])
    const { launches, units } = journal.memory(['wanted'], ['seen', 'nobody'])
    expect(names(units)).toEqual(['open.0', 'seen.0', 'wanted.0'])
    expect(launches.map(one => one.launchId).sort()).toEqual(['intended', 'open', 'seen', 'wanted'])
  })

  it('is never older than the last write, of this process or of another', () => {
    using journal = open()
    using other = open()
    const seen = () => [names(journal.memory(['wanted']).units), journal.breakers().map(one => one.pool)]
    expect(seen()).toEqual([[], []])
    put(journal, 'mine')
    expect(seen()).toEqual([['mine.0'], []])
    put(other, 'others')
    expect(seen()).toEqual([['mine.0', 'others.0'], []])
    other.saveBreaker({ pool: 'p', ...shaken })
    expect(seen()).toEqual([['mine.0', 'others.0'], ['p']])
    journal.saveBreaker({ pool: 'q', ...shaken })
    put(journal, 'wanted', { phase: 'gone' })
    expect(seen()).toEqual([
      ['mine.0', 'others.0', 'wanted.0'],
      ['p', 'q'],
    ])
  })

  it('holds thousands of wants', () => {
    using journal = open()
    put(journal, 'w-9999', { phase: 'gone' })
    const wants = Array.from({ length: 10_000 }, (_, at) => `w-${at}`)
    expect(names(journal.memory(wants).units)).toEqual(['w-9999.0'])
  })

  it('replaces a record, whole', () => {
    using journal = open()
    put(journal, 'l1', { absentSince: 5 })
    put(journal, 'l1', { phase: 'gone' })
    expect(journal.unitsIn('l1')).toEqual([unitRecord({ phase: 'gone', want: 'l1' })])
  })

  it('writes all of a save, or nothing', () => {
    using journal = open()
    const broken = { ...unitRecord(), index: 'x' as unknown as number }
    expect(() => journal.save({ launches: [launchRecord()], units: [unitRecord(), broken] })).toThrow(
      /cannot store/,
    )
    expect(journal.memory([])).toMatchObject({ launches: [], units: [] })
    put(journal, 'l1')
    expect(names(journal.memory([]).units)).toEqual(['l1.0'])
  })

  it('tells the units of a run in the order of their launch', () => {
    using journal = open()
    put(journal, 'later', { phase: 'gone' }, { runId: 'r', intendedAt: 2 })
    put(journal, 'first', {}, { runId: 'r', intendedAt: 1 })
    put(journal, 'other', {}, { runId: 's', intendedAt: 0 })
    expect(names(journal.unitsOf('r'))).toEqual(['first.0', 'later.0'])
  })
})

describe('notes', () => {
  it('are each kept under their name', () => {
    using journal = open()
    const out = {
      pool: 'p',
      offeringId: 'o',
      until: 1,
      count: 1,
      code: 'capacity-unavailable',
      message: '',
    } as const
    journal.saveStockOut(out)
    journal.saveStockOut({ ...out, count: 2 })
    journal.saveBreaker({ pool: 'p', failures: 1, openUntil: 0, cause: '' })
    journal.saveHubLimit({ agentType: 'a', since: 1, lastProbeAt: 1 })
    journal.saveHubLimit({ agentType: 'b', since: 1, lastProbeAt: 1 })
    journal.clearHubLimit('a')
    expect(journal.memory([])).toMatchObject({
      stockOuts: [{ count: 2 }],
      breakers: [{ pool: 'p' }],
      hubLimits: [{ agentType: 'b' }],
    })
  })

  it('of sightings are replaced together', () => {
    using journal = open()
    const sighting = (key: string) => ({ key, firstAt: 1, lastAt: 1 })
    journal.saveSightings([sighting('a'), sighting('b')])
    journal.saveSightings([sighting('b')])
    expect(journal.sightings()).toEqual([sighting('b')])
    journal.saveSightings([])
    expect(journal.sightings()).toEqual([])
  })

  it('remember each scope once', () => {
    using journal = open()
    const used = { provider: 'aws', scope: { account: '1', region: 'r' } }
    journal.rememberScope(used)
    journal.rememberScope(used)
    journal.rememberScope({ ...used, provider: 'gcp' })
    expect(journal.usedScopes()).toHaveLength(2)
  })
})

describe('a draft', () => {
  it('has all that the journal has, and keeps what it is told to itself', () => {
    using journal = open()
    journal.save({ launches: [launchRecord()] })
    journal.saveSlots([{ agentType: 's1-x', number: 0, epoch: 2 }])
    using draft = openDraft(folder, () => now)
    expect(draft.memory([])).toEqual(journal.memory([]))
    expect(draft.slots('s1-x')).toEqual(journal.slots('s1-x'))
    draft.saveSlots([{ agentType: 's1-x', number: 0, epoch: 3 }])
    draft.saveSweptAt(now)
    expect(journal.slots('s1-x')).toEqual([{ agentType: 's1-x', number: 0, epoch: 2 }])
    expect(journal.sweptAt()).toBeUndefined()
  })

  it('of no journal makes none', () => {
    const nowhere = join(folder, 'nowhere')
    using draft = openDraft(nowhere, () => now)
    expect(draft.memory([]).launches).toEqual([])
    expect(existsSync(nowhere)).toBe(false)
  })
})

describe('prune', () => {
  it('forgets what is closed for long, and nothing that is open', () => {
    using journal = open()
    put(journal, 'old', { phase: 'gone' }, { intendedAt: t0 })
    put(journal, 'open', {}, { intendedAt: t0 })
    put(journal, 'doubt', { phase: 'launching' }, { intendedAt: t0, state: 'intended' })
    now = t0 + minute
    put(journal, 'new', { phase: 'gone' }, { intendedAt: t0 })
    journal.prune({ before: t0 + 1, bytesMax })
    expect(names(journal.memory(['old', 'new']).units)).toEqual(['doubt.0', 'new.0', 'open.0'])
    expect(
      journal
        .memory([], ['old'])
        .launches.map(one => one.launchId)
        .sort(),
    ).toEqual(['doubt', 'open'])
    journal.prune({ before: t0 + 2 * minute, bytesMax })
    expect(names(journal.memory(['new']).units)).toEqual(['doubt.0', 'open.0'])
  })
})

describe('runs', () => {
  const run = { runId: 'r', command: 'provision', pid: 1, startedAt: t0, seenAt: t0, endedAt: undefined }
  const over = (change: Partial<typeof run> | { endedAt: number }, { isAlive = true, at = t0 } = {}) => {
    using journal = open()
    journal.saveRun({ ...run, ...change })
    return runsOver(journal, { now: at, isAlive: () => isAlive })
  }

  it('is over when it ended, its process is gone, it was silent for long, or nobody knows it', () => {
    expect(over({ endedAt: t0 })('r')).toBe(true)
    expect(over({}, { isAlive: false })('r')).toBe(true)
    expect(over({}, { at: t0 + 10 * minute })('r')).toBe(true)
    expect(over({}, { at: t0 + 10 * minute - 1 })('r')).toBe(false)
    expect(over({})('another')).toBe(true)
    expect(over({})('')).toBe(true)
  })
})

describe('a file that cannot be used', () => {
  const error = () => {
    try {
      open()[Symbol.dispose]()
      return undefined
    } catch (thrown) {
      return thrown
    }
  }

  it('is told when it is corrupt', () => {
    writeFileSync(join(folder, 'journal.sqlite'), 'no database, but a text that is long enough to be read')
    expect(error()).toMatchObject({
      code: 'internal',
      message: expect.stringContaining(join(folder, 'journal.sqlite')),
      hint: expect.stringContaining('Move the file away'),
    })
  })

  it('is told when it is of a newer version, and is left as it was', () => {
    const file = join(folder, 'journal.sqlite')
    const database = new DatabaseSync(file)
    database.exec('pragma user_version = 99')
    database.close()
    expect(error()).toMatchObject({ code: 'internal', message: expect.stringMatching(/version is 99/) })
    using after = new DatabaseSync(file)
    expect(after.prepare('pragma user_version').get()).toEqual({ user_version: 99 })
  })

  it('is told when its folder is a file', () => {
    rmSync(folder, { recursive: true })
    writeFileSync(folder, '')
    expect(error()).toMatchObject({ code: 'internal' })
  })
})

it('is nobody else’s to read', () => {
  const inner = join(folder, 'new')
  openJournal(inner, () => now)[Symbol.dispose]()
  expect(statSync(inner).mode & 0o77).toBe(0)
  chmodSync(inner, 0o700)
})

describe('processes', () => {
  it('a kill -9 in the middle of saves loses none that was answered', async () => {
    const script = `
      const journal = openJournal(folder, () => 0)
      for (let at = 0; ; at++) {
        journal.save({
          launches: [{ launchId: 'l' + at, runId: 'r', intendedAt: at, state: 'intended' }],
          units: [0, 1].map(index => ({ launchId: 'l' + at, index, want: 'w', phase: 'launching' })),
        })
        say('saved ' + at)
      }`
    await using writer = child(folder, script)
    await writer.says(/^saved 20$/)
    await writer.sigkill()
    const saved = Number(writer.lines.at(-1)?.split(' ')[1])
    using journal = open()
    const { launches, units } = journal.memory([])
    expect(launches.length).toBeGreaterThanOrEqual(saved + 1)
    // Whole saves only.
    expect(units).toHaveLength(2 * launches.length)
    journal.save({ launches: [launchRecord()] })
  })

  it('open and write at the same time', async () => {
    const script = `
      const journal = openJournal(folder, () => 0)
      for (let at = 0; at < 30; at++) {
        const launchId = process.pid + '-' + at
        journal.save({ units: [{ launchId, index: 0, want: 'w', phase: 'launching' }] })
      }
      journal[Symbol.dispose]()`
    const writers = [child(folder, script), child(folder, script), child(folder, script)]
    expect(await Promise.all(writers.map(one => one.exit))).toEqual([0, 0, 0])
    using journal = open()
    expect(journal.memory(['w']).units).toHaveLength(90)
  })

  it('make a new one at the same moment', async () => {
    for (let round = 0; round < 4; round++) {
      const fresh = join(folder, `round-${round}`)
      const script = `
        while (Date.now() < ${Date.now() + 500});
        openJournal(folder, () => 0)[Symbol.dispose]()`
      const openers = [1, 2, 3, 4].map(() => child(fresh, script))
      expect(await Promise.all(openers.map(one => one.exit))).toEqual([0, 0, 0, 0])
    }
  })
})
