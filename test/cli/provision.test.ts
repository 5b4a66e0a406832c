import { describe, expect, it } from 'vitest'
import { run, start, until } from '../support/cli.ts'
import { instanceFolders, jobs, newRound, processesOf } from '../support/round.ts'

describe('provision on this machine', () => {
  it('gives each queued job an instance of its own, and leaves nothing behind', async () => {
    await using round = await newRound({ jobs: jobs(3, 'echo hello') })
    const { hub, home } = round

    const ended = await run(home, 'provision', '--json')

    expect(ended).toMatchObject({ code: 0 })
    const result = JSON.parse(ended.stdout)
    expect(result).toMatchObject({
      wanted: 3,
      done: 3,
      machines: 3,
      reasons: { 'job-finished': 3 },
      left: [],
      exit: 0,
    })
    expect(hub.jobs().map(({ result, runs }) => ({ result, runs }))).toEqual(
      Array(3).fill({ result: 'passed', runs: 1 }),
    )
    expect(new Set(hub.jobs().map(job => job.agent)).size).toBe(3)
    expect(instanceFolders(round)).toEqual([])
    expect(processesOf(round)).toEqual([])
    const listed = await run(home, 'instances', 'list', '--json')
    expect(JSON.parse(listed.stdout)).toEqual({ instances: [], unknown: [] })
  })

  it('counts a job that ran and failed as its own success', async () => {
    await using round = await newRound({ jobs: jobs(1, 'exit 3') })

    const ended = await run(round.home, 'provision')

    expect(ended.code).toBe(0)
    expect(round.hub.jobs()[0]?.result).toBe('failed')
  })

  it('launches a count of machines that take any job', async () => {
    await using round = await newRound({ jobs: jobs(2, 'true') })

    const ended = await run(round.home, 'provision', '--count', '2', '--json')

    expect(JSON.parse(ended.stdout)).toMatchObject({ wanted: 2, done: 2, exit: 0 })
    expect(round.hub.jobs().every(job => job.runs === 1)).toBe(true)
  })

  it('ends an unbound machine that no job came for as idle', async () => {
    await using round = await newRound()

    const ended = await run(round.home, 'provision', '--count', '1', '--timeouts-idle', '1s', '--json')

    expect(JSON.parse(ended.stdout)).toMatchObject({ done: 1, reasons: { idle: 1 }, exit: 0 })
  })

  it('takes the jobs it is told, and no other', async () => {
    await using round = await newRound({ jobs: jobs(3, 'true') })
    const [, second] = round.hub.jobs()

    const ended = await run(round.home, 'provision', '--jobs', second?.id ?? '')

    expect(ended.code).toBe(0)
    expect(round.hub.jobs().map(job => job.runs)).toEqual([0, 1, 0])
  })

  it('does nothing for an empty queue', async () => {
    await using round = await newRound()

    const ended = await run(round.home, 'provision', '--json')

    expect(JSON.parse(ended.stdout)).toMatchObject({ wanted: 0, machines: 0, exit: 0 })
  })

  it('leaves when everything is launched with --detach; reap ends what is over', async () => {
    await using round = await newRound({ jobs: jobs(2, 'sleep 1') })

    expect((await run(round.home, 'provision', '--detach')).code).toBe(0)
    await round.hub.until(event => event.event === 'disconnected')
    await until('both jobs are over', () => round.hub.jobs().every(job => job.result === 'passed'))
    await until('nothing is left after reap', async () => {
      const ended = await run(round.home, 'reap', '--json')
      return ended.code === 0 && JSON.parse(ended.stdout).kept.length === 0
    })

    expect(instanceFolders(round)).toEqual([])
    expect(processesOf(round)).toEqual([])
  })

  it('shows, reads and ends an instance by its job', async () => {
    await using round = await newRound({ jobs: jobs(1, 'sleep 60') })
    const { hub, home } = round
    const running = start(home, 'provision')
    const { job } = (await hub.until(event => event.event === 'job-started')) as { job: string }

    const shown = JSON.parse((await run(home, 'instances', 'show', job, '--json')).stdout)
    const console = JSON.parse((await run(home, 'instances', 'console', shown.id, '--json')).stdout)
    const ended = await run(home, 'instances', 'terminate', job)

    expect(shown).toMatchObject({ jobId: job, phase: 'online', agent: 'busy' })
    expect(console.console).toMatch(/^agentctl: phase=agent-registered t=/m)
    expect(ended).toMatchObject({ code: 0 })
    expect(ended.stdout).toContain(`${shown.id} is gone`)
    await running.ended
    expect(instanceFolders(round)).toEqual([])
    expect(processesOf(round)).toEqual([])
  })

  it('keeps the registration token out of every file, argument and environment', async () => {
    await using round = await newRound({ jobs: jobs(1, 'env', 'sleep 1') })
    const { hub, home } = round
    const running = start(home, 'provision', '--verbose')
    await hub.until(event => event.event === 'job-started')

    const grep = await import('node:child_process').then(({ spawnSync }) =>
      spawnSync(
        'sh',
        ['-c', `grep -rl "$TOKEN" ${home.folder}; ps axww | grep -v grep | grep -c -- "$TOKEN"`],
        {
          env: { PATH: process.env.PATH ?? '', TOKEN: hub.token },
          encoding: 'utf8',
        },
      ),
    )
    const ended = await running.ended

    expect(grep.stdout.trim()).toBe('0')
    expect(ended.stdout + ended.stderr).not.toContain(hub.token)
    expect(hub.log(hub.jobs()[0]?.id ?? '')).not.toContain(hub.token)
  })
})
