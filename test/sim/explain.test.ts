import { describe, expect, it } from 'vitest'
import { explain } from '../../src/operations/explain.ts'
import { wayLines } from '../../src/views/way.ts'
import { cron } from './capacity-rig.ts'
import { jobIdOf } from './queue.ts'
import { createRig, type Rig, type RigOptions } from './rig.ts'

const isLooking = true
const wayOf = (rig: Rig, job: string) => rig.drive(explain(rig.context(), job, { isLooking }))

describe('explain', () => {
  it('tells a job’s whole way, in order', async () => {
    using rig = createRig({ count: 3, pool: { capacity: { max: 1 } }, traits: { console: 'live' } })
    await cron(rig, 14, { forMs: 55_000 })
    const last = [...rig.hub.jobs.values()].toSorted((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0))[0]
    const way = await wayOf(rig, last?.id ?? '')
    expect(way.state).toBe('finished')
    expect(way.summary).toMatch(/^It ran on i-/)
    expect(way.steps.map(step => step.what.replace(/[:,].*/, ''))).toEqual([
      'first seen in the queue of s1-x',
      'waits',
      'decided',
      ...way.steps.slice(3).map(step => step.what.replace(/[:,].*/, '')),
    ])
    const told = wayLines(way).join('\n')
    for (const word of [
      'pool-full',
      'decided: ',
      'accepted as',
      'booted',
      'agent started',
      'registered',
      'job finished',
      'gone: job-finished',
    ])
      expect(told).toContain(word)
    const times = way.steps.map(step => step.at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(way.steps[1]?.until).toBeGreaterThan(way.steps[1]?.at ?? Number.NaN)
  })

  const blocked: readonly [string, RigOptions, RegExp][] = [
    [
      'its pool is full',
      { count: 2, pool: { capacity: { max: 1 } }, jobMs: 9 * 60_000 },
      /It waits\. pool-full: p: it has its most machines, 1/,
    ],
    [
      'nothing is in stock',
      { knobs: { chances: { launch: { 'stock-out': 1 } } } },
      /out-of-stock: p: no offering has room/,
    ],
    ['a quota is used up', { knobs: { chances: { launch: { quota: 1 } } } }, /quota: p: /],
    [
      'the cloud throttles',
      { knobs: { chances: { launch: { throttled: 1 } } } },
      /refused-by-cloud: |launched|is on its way/,
    ],
  ]
  it.each(blocked)('says why a job has no machine yet: %s', async (_, options, why) => {
    using rig = createRig(options)
    await cron(rig, 2, { forMs: 55_000 })
    const waiting = [...rig.hub.jobs.values()].find(job => job.state === 'queued')
    expect((await wayOf(rig, waiting?.id ?? '')).summary).toMatch(why)
  })

  it('asks hub and clouds about a job that no command has seen, and writes nothing', async () => {
    using rig = createRig({ count: 1 })
    const way = await wayOf(rig, jobIdOf(1))
    expect(way).toMatchObject({ state: 'waiting', steps: [], machines: [] })
    expect(way.summary).toMatch(/The next run launches for it|second look|new to this journal/)
    expect(await wayOf(rig, jobIdOf(1))).toEqual(way)
    rig.hub.outage = new Error('the hub is away')
    expect((await wayOf(rig, jobIdOf(1))).summary).toMatch(
      /Neither .* knows it\. Hub and clouds could not be asked: .*away/,
    )
    rig.hub.outage = undefined
    expect((await wayOf(rig, jobIdOf(77))).state).toBe('unknown')
  })

  it('tells each attempt of a job that is given up, with the last console', async () => {
    using rig = createRig({ count: 1, knobs: { bootFailure: { chance: 1, text: 'cloud-init: 503' } } })
    await cron(rig, 12)
    const way = await wayOf(rig, jobIdOf(1))
    expect(way.summary).toMatch(/given-up: its attempts are spent/)
    const told = wayLines(way)
    expect(told.filter(line => /attempt [123]: decided/.test(line))).toHaveLength(3)
    expect(told.at(-1)).toMatch(/^ {2}\| /)
    expect(told.join('\n')).toContain('cloud-init: 503')
  })

  it('knows a job by how it begins, where that is of one', async () => {
    using rig = createRig({ count: 11 })
    await cron(rig, 6)
    expect((await wayOf(rig, jobIdOf(11))).jobId).toBe(jobIdOf(11))
    await expect(wayOf(rig, '00000000-0000-4000')).rejects.toMatchObject({
      code: 'invalid-spec',
      message: /beginning of 11 jobs/,
    })
    using one = createRig({ count: 1 })
    await cron(one, 6)
    expect((await wayOf(one, jobIdOf(1).slice(0, 8))).jobId).toBe(jobIdOf(1))
  })
})
