import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Home, run, start, until } from '../support/cli.ts'
import { instanceFolders, jobs, newRound, processesOf } from '../support/round.ts'

type Times = Readonly<Record<string, number>>

const list = async (home: Home) =>
  JSON.parse((await run(home, 'instances', 'list', '--json')).stdout).instances

describe('a hold on this machine', () => {
  it('keeps a machine whose job failed, and lets go of it when a person says so', async () => {
    await using round = await newRound({ jobs: jobs(1, 'echo about to fail', 'exit 3') })
    const { home } = round
    const provisioning = start(home, 'provision', '--json', '--hold-on-failure')
    await until('the machine is held', async () => (await list(home))[0]?.holdUntil > Date.now(), 60_000)
    const [{ id, holdUntil, expiresAt, jobId, reason }] = await list(home)

    expect(holdUntil).toBeLessThanOrEqual(Date.now() + 30 * 60_000)
    expect(holdUntil).toBeLessThan(expiresAt)
    expect(reason).toBe('job-finished')
    expect((await run(home, 'instances', 'list')).stdout).toMatch(/HELD FOR.*\n.* 30 min +job-finished/)
    const swept = JSON.parse((await run(home, 'reap', '--json')).stdout)
    expect(swept).toMatchObject({ gone: [], orphans: [], kept: [{ id, holdUntil }] })

    const way = JSON.parse((await run(home, 'instances', 'connect', jobId, '--json')).stdout)
    expect(way.command.slice(0, 4)).toEqual(['tail', '-n', '+1', '-F'])
    const following = start(home, 'instances', 'console', id, '--follow')
    await until('the console is shown', () => /phase=hold-ends/.test(following.output()), 60_000)

    const released = await run(home, 'instances', 'release', jobId)
    expect(released).toMatchObject({ code: 0, stdout: `${id} is ended, since its work was over\n` })
    expect(await following.ended).toMatchObject({ code: 0 })
    const { code, stdout } = await provisioning.ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ done: 1, machines: 1, reasons: { 'job-finished': 1 } })
    expect(instanceFolders(round)).toEqual([])
    expect(processesOf(round)).toEqual([])
  })

  it('ends by itself, and is none for a job that passed', async () => {
    await using round = await newRound({ jobs: [...jobs(1, 'true'), ...jobs(1, 'false')] })
    const { home } = round

    const ended = await run(home, 'provision', '--json', '--hold-on-failure=2s')

    const { units, ...result } = JSON.parse(ended.stdout)
    expect(result).toMatchObject({ done: 2, machines: 2, reasons: { 'job-finished': 2 }, exit: 0 })
    const heldMs = units.flatMap(({ entered, marks }: { entered: Times; marks: Times }) =>
      marks.held === undefined ? [] : [(entered.gone ?? 0) - marks.held],
    )
    expect(heldMs).toHaveLength(1)
    expect(heldMs[0]).toBeGreaterThanOrEqual(2_000)
    expect(instanceFolders(round)).toEqual([])
  })

  it('is written on a running machine by a person, never past its own deadline', async () => {
    await using round = await newRound({ jobs: jobs(1, 'sleep 60') })
    const { hub, home } = round
    const running = start(home, 'provision', '--timeouts-job', '1h', '--timeouts-total', '2h')
    const { job } = (await hub.until(event => event.event === 'job-started')) as { job: string }

    const held = JSON.parse((await run(home, 'instances', 'hold', job, '--for', '10m', '--json')).stdout)
    const [shown] = await list(home)
    const cut = await run(home, 'instances', 'hold', job, '--for', '30h')
    const released = await run(home, 'instances', 'release', job)
    const [free] = await list(home)

    expect(held).toMatchObject({ id: shown.id, isCut: false, holdUntil: shown.holdUntil })
    expect(cut.stdout).toContain('That is its own deadline, which no hold can move')
    expect(released.stdout).toBe(`${shown.id} is not held any more\n`)
    expect(free).toMatchObject({ holdUntil: null, phase: 'online' })
    expect(await run(home, 'instances', 'hold', job, '--for', 'soon')).toMatchObject({ code: 2 })
    await run(home, 'instances', 'terminate', job)
    await running.ended
    expect(instanceFolders(round)).toEqual([])
  })

  it('runs the way in, and ends as it does', async () => {
    await using round = await newRound({ jobs: jobs(1, 'sleep 60') })
    const { hub, home } = round
    const running = start(home, 'provision')
    const { job } = (await hub.until(event => event.event === 'job-started')) as { job: string }

    const inside = start(home, 'instances', 'connect', job, '--run')
    await until('the console is there', () => /phase=agent-registered/.test(inside.output()), 60_000)
    const noTool = await run(
      { ...home, env: { ...home.env, PATH: '/nonexistent' } },
      'instances',
      'connect',
      job,
      '--run',
    )
    await run(home, 'instances', 'terminate', job)
    const [tail] = processesOf(round).filter(pid => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'tail\n')
    if (tail !== undefined) process.kill(tail, 'SIGTERM')

    expect(noTool).toMatchObject({ code: 2 })
    expect(noTool.stderr).toContain('tail cannot be run')
    expect(await inside.ended).toMatchObject({ code: 143 })
    await running.ended
  })
})
