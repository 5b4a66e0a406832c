import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVirtualClock } from '@agentctl/provider-sim'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/effects/clock.ts'
import { systemRandom } from '../../../src/effects/random.ts'
import { openLock } from '../../../src/journal/lock.ts'
import { child } from './children.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentctl-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const signal = new AbortController().signal
const lock = () => openLock(folder, systemClock, systemRandom)
const hold = `
  await openLock(folder, systemClock, systemRandom).during(
    async () => { say('held'); await wait(600_000) }, { waitMs: 60_000, signal })`

describe('the lock', () => {
  it('gives what the work gives, and is free again, also after a failure', async () => {
    const options = { waitMs: 1000, signal }
    expect(await lock().during(async () => 5, options)).toBe(5)
    const failing = lock().during(() => Promise.reject(new Error('no')), options)
    await expect(failing).rejects.toThrow('no')
    expect(await lock().during(async () => 6, options)).toBe(6)
  })

  it('is waited for no longer than it was said', async () => {
    const clock = createVirtualClock()
    const timed = openLock(folder, clock, { next: () => 0.5 })
    await lock().during(
      async () => {
        const startedAt = clock.now()
        const waiting = timed.during(async () => 1, { waitMs: 5_000, signal })
        await expect(clock.drive(waiting)).rejects.toMatchObject({
          code: 'unavailable',
          hint: expect.any(String),
        })
        expect(clock.now() - startedAt).toBeGreaterThanOrEqual(5_000)
        expect(clock.now() - startedAt).toBeLessThan(5_200)
      },
      { waitMs: 1000, signal },
    )
  })

  it('is not waited for by a command that leaves', async () => {
    const stop = new AbortController()
    await lock().during(
      async () => {
        const waiting = lock().during(async () => 1, { waitMs: 60_000, signal: stop.signal })
        stop.abort(new Error('leaving'))
        await expect(waiting).rejects.toThrow('leaving')
      },
      { waitMs: 1000, signal },
    )
  })

  it('is taken in whole milliseconds, however chance falls', async () => {
    const sleeps: number[] = []
    const clock = {
      now: () => 0,
      sleep: async (ms: number) => {
        sleeps.push(ms)
        if (sleeps.length === 20) throw new Error('enough')
      },
    }
    await lock().during(
      () =>
        expect(
          openLock(folder, clock, systemRandom).during(async () => 1, { waitMs: 1, signal }),
        ).rejects.toThrow(),
      { waitMs: 1000, signal },
    )
    expect(sleeps.every(Number.isInteger)).toBe(true)
    expect(Math.min(...sleeps)).toBeGreaterThanOrEqual(20)
    expect(Math.max(...sleeps)).toBeLessThanOrEqual(80)
  })

  it('is told when its file is no lock', async () => {
    writeFileSync(join(folder, 'lock.sqlite'), 'something else that somebody has written over the lock')
    await expect(lock().during(async () => 1, { waitMs: 10, signal })).rejects.toMatchObject({
      code: 'internal',
    })
  })

  it('is told when its folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '')
    const inside = openLock(join(folder, 'file', 'x'), systemClock, systemRandom)
    await expect(inside.during(async () => 1, { waitMs: 10, signal })).rejects.toMatchObject({
      code: 'internal',
    })
  })
})

describe('processes', () => {
  it('wait for each other, and the kernel frees the lock of one that dies', async () => {
    await using holder = child(folder, hold)
    await holder.says(/^held$/)
    await expect(lock().during(async () => 1, { waitMs: 200, signal })).rejects.toMatchObject({
      code: 'unavailable',
    })
    await holder.sigkill()
    expect(await lock().during(async () => 2, { waitMs: 2_000, signal })).toBe(2)
  })

  it('never are inside at the same time, and both get their turn', async () => {
    const script = `
      const lock = openLock(folder, systemClock, systemRandom)
      for (let at = 0; at < 8; at++) {
        await lock.during(async () => { say('in ' + Date.now()); await wait(5); say('out ' + Date.now()) },
          { waitMs: 20_000, signal })
        await wait(30)
      }`
    const both = [child(folder, script), child(folder, script)]
    expect(await Promise.all(both.map(one => one.exit))).toEqual([0, 0])
    const stays = both.flatMap(({ lines }) => {
      const at = lines.map(line => Number(line.split(' ')[1]))
      return Array.from({ length: at.length / 2 }, (_, turn) => ({
        from: at[2 * turn] ?? 0,
        to: at[2 * turn + 1] ?? 0,
      }))
    })
    expect(stays).toHaveLength(16)
    const ordered = stays.toSorted((one, other) => one.from - other.from)
    const overlaps = ordered.filter((stay, at) => stay.from < (ordered[at - 1]?.to ?? 0))
    expect(overlaps).toEqual([])
  })
})
