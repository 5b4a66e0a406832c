import { expect } from 'vitest'
import { instanceFolders, jobs, processesOf } from '../support/round.ts'
import { eventsOf, newDesk, results } from './rounds.ts'
import { step } from './table.ts'

export function disconnection(): void {
  step('Agent disconnection', 'after a job', {}, async next => {
    await using round = await newDesk({ jobs: [...jobs(1, 'true'), ...jobs(1, 'false')] })
    expect(await next(round.home)).toMatchObject({ code: 0 })
    expect(results(round)).toEqual(['passed 1', 'failed 1'])
    // Whatever the job's result, its agent says goodbye by itself, after it and before any other job.
    for (const { agent } of round.hub.jobs()) {
      expect(eventsOf(round, agent ?? '')).toEqual([
        'registered',
        'handed-out',
        'job-started',
        'job-finished',
        'shutdown',
        'disconnected',
      ])
    }
    expect(round.hub.agents()).toEqual([])
  })

  step('Agent disconnection', 'after an idle timeout', {}, async next => {
    await using round = await newDesk()
    const ended = await next(round.home, { more: '--json' })
    expect(JSON.parse(ended.stdout)).toMatchObject({ done: 1, reasons: { idle: 1 }, left: [], exit: 0 })
    const reasons = round.hub.events().flatMap(event => (event.event === 'shutdown' ? [event.reason] : []))
    expect(reasons).toEqual(['idle'])
  })

  step('Job isolation', 'jobs apart, as processes', {}, async next => {
    const dirty = 'echo dirt >~/dirt; (setsid sleep 4711 &)'
    const clean = 'test ! -e ~/dirt'
    await using round = await newDesk({ jobs: [...jobs(1, dirty), ...jobs(1, clean)] })
    expect(await next(round.home)).toMatchObject({ code: 0 })
    expect(results(round)).toEqual(['passed 1', 'passed 1'])
    expect([...instanceFolders(round), ...processesOf(round)]).toEqual([])
  })
}
