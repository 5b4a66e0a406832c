import { expect, it } from 'vitest'
import { replayIncumbent, replayOurs } from '../bench/capacity/replay.ts'
import { trace } from '../bench/capacity/trace.ts'

const hour = 3_600_000

it('a morning with a burst: less waiting and fewer idle minutes than the incumbent', {
  timeout: 120_000,
}, async () => {
  const seed = 'morning'
  const from = 7.75 * hour
  const lengthMs = 0.75 * hour
  const arrivals = trace({ seed, from, lengthMs, burst: 40, burstsAt: [8.2 * hour] })
  const day = { arrivals, from, lengthMs, seed }
  const incumbent = await replayIncumbent('incumbent', { max: 100 }, day)
  // The hours of the load, as a person would set them.
  const schedules = [{ cron: '45 6 * * *', 'time-zone': 'UTC', for: '1h45m', idle: 6 }]
  const ours = await replayOurs('ours', { max: 100, idle: 1, schedules }, day)
  expect(ours).toMatchObject({ jobs: incumbent.jobs, unfinished: 0 })
  expect(ours.waitMedianS).toBeLessThan(incumbent.waitMedianS)
  expect(ours.waitP95S).toBeLessThan(incumbent.waitP95S)
  expect(ours.idleMinutes).toBeLessThan(incumbent.idleMinutes)
})
