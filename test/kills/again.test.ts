import { expect, it } from 'vitest'
import { run, start, until } from '../support/cli.ts'
import { instanceFolders, jobs, newRound, processesOf } from '../support/round.ts'
import { openRows } from './scene.ts'

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
  expect(openRows(home.folder)).toEqual([])
})
