import { expect, it } from 'vitest'
import { run } from '../support/cli.ts'
import { instanceFolders, jobs, newRound, processesOf } from '../support/round.ts'

it('never has more instances than --concurrency, and runs fifty jobs once each', {
  timeout: 120_000,
}, async () => {
  await using round = await newRound({ jobs: jobs(50, 'sleep 0.2') })
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, instanceFolders(round).length)
  }, 50)
  const ended = await run(round.home, 'provision', '--concurrency', '10', '--json')
  clearInterval(watch)

  expect(JSON.parse(ended.stdout)).toMatchObject({
    done: 50,
    reasons: { 'job-finished': 50 },
    left: [],
    exit: 0,
  })
  expect(peak).toBeGreaterThan(5)
  expect(peak).toBeLessThanOrEqual(10)
  expect(round.hub.jobs().every(job => job.runs === 1)).toBe(true)
  expect(instanceFolders(round)).toEqual([])
  expect(processesOf(round)).toEqual([])
})
