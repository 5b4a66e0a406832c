import { describe, expect, it } from 'vitest'
import { type Facts, figuresOf } from '../../../src/history/figures.ts'
import { totalOf } from '../../../src/history/levels.ts'
import type { Life } from '../../../src/history/life.ts'
import { outcomeOf } from '../../../src/history/outcome.ts'
import { spreadOf } from '../../../src/history/spread.ts'
import { minute, t0 } from '../fleet/build.ts'
import { lifeOfMachine } from './build.ts'

const prices = { currency: 'EUR', pools: { p: { perHour: 6, offerings: { 'small/spot': 3 } } } }

function figures(lives: readonly Life[], change: Partial<Facts> = {}, list = prices) {
  const facts = { since: t0 - 60 * minute, until: t0 + 60 * minute, lives, jobs: [], queues: [], ...change }
  return figuresOf(facts, list)
}

/** A machine so many minutes later. */
function later(minutes: number, change: Partial<Life> = {}): Life {
  const { times } = lifeOfMachine(change)
  const moved = Object.entries(times).map(([step, at]) => [step, at + minutes * minute])
  return lifeOfMachine({ ...change, times: Object.fromEntries(moved) })
}

const { wanted, decided, accepted, booted, gone } = lifeOfMachine().times as Record<string, number>
const failedBoot = lifeOfMachine({
  reason: 'boot-timeout',
  detail: 'no agent was started within 10 min',
  consoleTail: '503',
  times: { wanted, decided, accepted, booted, gone } as Life['times'],
})
const refused: Life = {
  ...lifeOfMachine({
    reason: 'launch-failed',
    errorCode: 'capacity-unavailable',
    detail: 'Out',
    times: { decided: t0 },
  }),
}

describe('a spread', () => {
  it('is made of what was measured, by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => at + 1)
    expect(spreadOf(hundred)).toEqual({ count: 100, medianMs: 50, p95Ms: 95, longestMs: 100 })
    expect(spreadOf([7])).toEqual({ count: 1, medianMs: 7, p95Ms: 7, longestMs: 7 })
    expect(spreadOf([])).toBeUndefined()
  })
})

describe('what a machine came to', () => {
  const { gone: _, ...untilOff } = lifeOfMachine().times
  it.each<[string, Life, string]>([
    ['its job ran', lifeOfMachine(), 'served'],
    [
      'it is there',
      { ...lifeOfMachine({ phase: 'online', times: untilOff }), reason: undefined } as unknown as Life,
      'alive',
    ],
    ['it did not boot', failedBoot, 'failed'],
    ['it was taken back with its job', lifeOfMachine({ reason: 'spot-reclaimed' }), 'failed'],
    ['it was taken back before it had one', { ...failedBoot, reason: 'spot-reclaimed' }, 'unneeded'],
    ['nobody wanted it', { ...failedBoot, reason: 'not-needed' }, 'unneeded'],
    ['it ended without a word after its job', lifeOfMachine({ reason: 'unknown' }), 'served'],
    ['it ended without a word before', { ...failedBoot, reason: 'unknown' }, 'failed'],
  ])('%s', (_, life, outcome) => {
    expect(outcomeOf(life)).toBe(outcome)
  })
})

describe('figures', () => {
  it('count machines, jobs and phases', () => {
    const { machines, jobs, stages, span } = figures([lifeOfMachine(), later(10), failedBoot, refused])
    expect(machines).toEqual({ wanted: 4, alive: 0, served: 2, unneeded: 0, failed: 2, atOnce: 2 })
    expect(jobs.ran).toBe(2)
    expect(stages.find(stage => stage.name === 'wait')).toMatchObject({ count: 2, medianMs: 5 * minute })
    expect(stages.find(stage => stage.name === 'boot')).toMatchObject({ count: 3, p95Ms: minute })
    expect(span).toEqual({ from: t0, to: t0 + 18 * minute })
  })

  it('tell success by offering, and failures with an example', () => {
    const { offerings, failures } = figures([
      lifeOfMachine(),
      failedBoot,
      refused,
      later(1, { offering: 'big/a/spot' }),
    ])
    expect(offerings).toMatchObject([
      { offering: 'small/a/spot', wanted: 3, served: 1, failed: 2, success: 1 / 3 },
      { offering: 'big/a/spot', wanted: 1, served: 1, success: 1 },
    ])
    expect(failures).toEqual([
      expect.objectContaining({
        reason: 'boot-timeout',
        count: 1,
        example: expect.objectContaining({ consoleTail: '503' }),
      }),
      expect.objectContaining({ reason: 'launch-failed', code: 'capacity-unavailable', count: 1 }),
    ])
  })

  it('count machine-minutes, and cost where there is a price', () => {
    const { money } = figures([lifeOfMachine(), later(10), refused])
    expect(money).toMatchObject({ minutes: 12, currency: 'EUR', unpriced: 0 })
    expect(money.cost).toBeCloseTo(12 * (3 / 60))
    expect(money.costPerJob).toBeCloseTo(6 * (3 / 60))
    expect(figures([lifeOfMachine({ offering: 'x', instanceType: 'x' })]).money.cost).toBeCloseTo(
      6 * (6 / 60),
    )
    const free = figures([lifeOfMachine()], {}, { currency: 'EUR', pools: {} as typeof prices.pools }).money
    expect(free).toMatchObject({ minutes: 6, unpriced: 1 })
    expect(free).not.toHaveProperty('cost')
    expect(
      figures([lifeOfMachine({ pricePerHour: 1 })], {}, { currency: 'USD', pools: {} as typeof prices.pools })
        .money.cost,
    ).toBeCloseTo(0.1)
  })

  it('share a machine’s minutes among the days that it saw', () => {
    const midnight = later(24 * 60 - 5)
    const { money } = figures([midnight], { until: t0 + 48 * 60 * minute })
    expect(money.days.map(({ day, minutes, machines, jobs }) => [day, minutes, machines, jobs])).toEqual([
      ['2026-01-01', 3, 1, 0],
      ['2026-01-02', 3, 0, 1],
    ])
  })

  it('take no more of a machine than lies in the time asked for', () => {
    const { money, span } = figures([lifeOfMachine()], { since: t0 + 4 * minute })
    expect(span.from).toBe(t0 + 4 * minute)
    expect(money.minutes).toBe(4)
  })

  it('sum the waits of jobs by reason', () => {
    const full = { code: 'pool-full', why: 'p: full' } as const
    const job = (jobId: string, since: number, until?: number) => ({
      ...{ jobId, agentType: 's1-x', queuedAt: t0 },
      waits: [{ since, ...(until !== undefined && { until }), ...full }],
    })
    const { waits, jobs } = figures([], { jobs: [job('a', t0, t0 + minute), job('b', t0 + 58 * minute)] })
    expect(waits).toEqual([{ code: 'pool-full', jobs: 2, totalMs: 3 * minute, why: 'p: full' }])
    expect(jobs).toEqual({ seen: 2, waiting: 2, ran: 0 })
  })

  it('show how full it was, over time', () => {
    const queues = [t0, t0 + 4 * minute].map((at, index) => ({
      agentType: 's1-x',
      at,
      queued: index === 0 ? 9 : 0,
    }))
    const { levels } = figures([lifeOfMachine(), later(3)], { queues })
    expect(Math.max(...levels.queued)).toBe(9)
    expect(levels.queued.at(-1)).toBe(0)
    expect(Math.max(...levels.machines.map(totalOf))).toBe(2)
    expect(levels.machines.at(-1)).toEqual({ booting: 0, online: 0, ending: 1 })
  })

  it('draw as many lanes as there were machines at once', () => {
    const { lanes } = figures([lifeOfMachine(), later(3), later(20), failedBoot])
    expect(lanes.count).toBe(3)
    expect(lanes.failures).toMatchObject([{ reason: 'boot-timeout', at: t0 + 8 * minute }])
    expect(lanes.bars.filter(bar => bar.kind === 'online')).toHaveLength(3)
    for (const { from, to } of lanes.bars) expect(from).toBeLessThan(to)
  })

  it('of nothing are nothing', () => {
    const { machines, span, levels, lanes, money } = figures([])
    expect([machines.wanted, levels.queued.length, lanes.count, money.minutes]).toEqual([0, 240, 0, 0])
    expect(span.to).toBeGreaterThanOrEqual(span.from)
  })
})
