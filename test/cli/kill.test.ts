import { globSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { run, start, until } from '../support/cli.ts'
import { instanceFolders, jobs, newRound, processesOf } from '../support/round.ts'

it('runs every job exactly once although the controller is killed at ten moments', {
  timeout: 400_000,
}, async () => {
  await using round = await newRound({ jobs: jobs(40, 'sleep 0.3') })
  const { hub, home } = round

  for (let kill = 1; kill <= 10; kill++) {
    // From the very start of a run to the middle of its jobs: each kill meets it at another point.
    const events = hub.events().length
    const controller = start(home, 'provision', '--concurrency', '6')
    if (kill % 3 === 1) await until('it launches', () => controller.output().includes('Launching'))
    // A launch whose answer died with its controller may hold the place of its machine for a minute.
    else await until('the hub has more to tell', () => hub.events().length > events + kill * 2, 90_000)
    controller.child.kill('SIGKILL')
    expect((await controller.ended).signal).toBe('SIGKILL')
  }
  const ended = await run(home, 'provision', '--concurrency', '6', '--json')

  expect(ended.stderr).not.toContain('internal')
  expect(ended.code).toBe(0)
  expect(hub.jobs().map(({ result, runs, handedOut }) => ({ result, runs, handedOut }))).toEqual(
    Array(40).fill({ result: 'passed', runs: 1, handedOut: 1 }),
  )
  expect(instanceFolders(round)).toEqual([])
  expect(processesOf(round)).toEqual([])
  const [journal] = globSync(join(home.folder, 'state/agentctl/journals/*/journal.sqlite'))
  const open = new DatabaseSync(journal ?? '', { readOnly: true }).prepare(
    'select (select count(*) from launches where is_open = 1) + (select count(*) from units where is_open = 1) as open',
  )
  expect(open.get()).toEqual({ open: 0 })
})

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
