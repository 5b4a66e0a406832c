import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Ended, run, start, until } from '../support/cli.ts'
import { instanceFolders, jobs, newRound, processesOf, type Round } from '../support/round.ts'

const result = (ended: Ended) => JSON.parse(ended.stdout)

function expectNothingLeft(round: Round): void {
  expect(instanceFolders(round)).toEqual([])
  expect(processesOf(round)).toEqual([])
}

describe('bad input', () => {
  it('a provider that is not installed: how to install it', async () => {
    // Without the development plugins of a checkout.
    await using round = await newRound({}, { AGENTCTL_PROVIDER: 'aws', NODE_ENV: 'production' })
    const ended = await run(round.home, 'provision')
    expect(ended.code).toBe(3)
    expect(ended.stderr).toContain('agentctl plugins install @agentctl/provider-aws')
  })

  it('a spec with unknown keys: every one of them, before anything is launched', async () => {
    await using round = await newRound({ jobs: jobs(1, 'true') })
    const ended = await run(round.home, 'provision', '--set', 'colour=red', '--set', 'size=2', '--json')
    expect(ended.code).toBe(2)
    expect(result(ended).error.problems.map((one: { path: string }) => one.path)).toEqual([
      'pools.local.spec.colour',
      'pools.local.spec.size',
    ])
    expect(round.hub.events().some(event => event.event === 'registered')).toBe(false)
  })

  it('a wrong token: unauthenticated, not retried', async () => {
    await using round = await newRound({}, { SEMAPHORE_AGENT_TOKEN: 'no-such-token' })
    const ended = await run(round.home, 'provision')
    expect(ended.code).toBe(10)
    expect(ended.stderr).toContain('Check the token')
    expect(ended.stderr).not.toContain('no-such-token')
  })

  it('a literal token is refused, and not repeated', async () => {
    await using round = await newRound()
    const ended = await run(round.home, 'provision', '--token', round.hub.token)
    expect(ended.code).toBe(2)
    expect(ended.stdout + ended.stderr).not.toContain(round.hub.token)
  })
})

describe('bad luck', () => {
  it('an unreachable hub: unavailable after the patience', async () => {
    await using round = await newRound()
    await round.hub.close()
    const ended = await run(round.home, 'provision', '--patience', '2s')
    expect(ended.code).toBe(12)
    expect(ended.stderr).toContain('Check the endpoint')
  })

  it('a hub that answers 500 for a while is asked again', async () => {
    await using round = await newRound({ jobs: jobs(1, 'true'), knobs: { syncMs: 100, metricsFailures: 2 } })
    const ended = await run(round.home, 'provision')
    expect(ended.code).toBe(0)
    expect(round.hub.jobs()[0]?.runs).toBe(1)
  })

  it('an agent that cannot start: told after its attempts, with its console', async () => {
    await using round = await newRound({ jobs: jobs(1, 'true') })
    const ended = await run(
      round.home,
      'provision',
      '--agent-binary',
      '/nonexistent/agent',
      '--attempts',
      '2',
      '--json',
    )
    expect(ended.code).toBe(13)
    expect(result(ended)).toMatchObject({ failed: 1, machines: 2, reasons: { 'agent-failed': 2 } })
    expect(result(ended).units[0].detail).toContain('did not start')
    expectNothingLeft(round)
  })

  it('an agent that cannot register: agent-timeout after its attempts', async () => {
    await using round = await newRound({ jobs: jobs(1, 'true'), knobs: { registerFailures: 1000 } })
    const ended = await run(round.home, 'provision', '--attempts', '1', '--timeouts-agent', '3s', '--json')
    expect(ended.code).toBe(13)
    expect(result(ended)).toMatchObject({ failed: 1, reasons: { 'agent-timeout': 1 } })
    expectNothingLeft(round)
  })

  it('a shutdown hook that hangs is cut, and the reason is kept', async () => {
    await using round = await newRound({ jobs: jobs(1, 'true') })
    const hook = join(round.home.folder, 'hook.sh')
    writeFileSync(hook, 'sleep 600\n')
    const ended = await run(
      round.home,
      'provision',
      '--hooks-shutdown',
      hook,
      '--timeouts-agent',
      '3s',
      '--json',
    )
    expect(ended.code).toBe(0)
    expect(result(ended).reasons).toEqual({ 'job-finished': 1 })
    expectNothingLeft(round)
  })

  it('a job that starts a daemon: the daemon does not outlive its instance', async () => {
    await using round = await newRound({ jobs: jobs(1, 'setsid nohup sleep 300 >/dev/null 2>&1 &', 'true') })
    const ended = await run(round.home, 'provision')
    expect(ended.code).toBe(0)
    expectNothingLeft(round)
  })

  it('a job that ignores SIGTERM ends with its instance', async () => {
    await using round = await newRound({ jobs: jobs(1, "trap '' TERM; sleep 300") })
    const provision = start(round.home, 'provision')
    await round.hub.until(event => event.event === 'job-started')
    const ended = await run(round.home, 'instances', 'terminate', '--all')
    expect(ended.code).toBe(0)
    await provision.ended
    expectNothingLeft(round)
  })

  it('a cancelled job needs no machine: not-needed is no failure', async () => {
    await using round = await newRound({ jobs: jobs(1, 'true'), knobs: { jobsGrantedMax: 0 } })
    const provision = start(round.home, 'provision', '--timeouts-agent', '4s', '--json')
    await round.hub.until(event => event.event === 'refused')
    round.hub.stop(round.hub.jobs()[0]?.id ?? '')
    const ended = await provision.ended
    expect(result(ended)).toMatchObject({
      done: 1,
      failed: 0,
      machines: 1,
      reasons: { 'not-needed': 1 },
      exit: 0,
    })
    expectNothingLeft(round)
  })

  it('a hub that grants 3 of 24 listed jobs at a time: waits, no failure, no storm', {
    timeout: 120_000,
  }, async () => {
    await using round = await newRound({ jobs: jobs(24, 'true'), knobs: { syncMs: 100, jobsGrantedMax: 3 } })
    const ended = await run(
      round.home,
      'provision',
      '--concurrency',
      '6',
      '--timeouts-agent',
      '10s',
      '--json',
    )
    expect(result(ended)).toMatchObject({ done: 24, failed: 0, exit: 0 })
    expect(result(ended).machines).toBeLessThan(48)
    expect(round.hub.jobs().every(job => job.runs === 1)).toBe(true)
    expectNothingLeft(round)
  })

  it('a registration whose reply is lost is reported, and never doubled', async () => {
    await using round = await newRound({
      jobs: jobs(1, 'true'),
      knobs: { loseRegisterReplies: 1, syncMs: 100, staleness: { neverSyncedMs: 2_000 } },
    })
    const ended = await run(round.home, 'provision', '--timeouts-agent', '5s', '--json')
    expect(round.hub.jobs()[0]).toMatchObject({ runs: 0, result: 'failed' })
    expect(result(ended)).toMatchObject({ machines: 1 })
    expectNothingLeft(round)
  })

  it('a full disk in the scratch directory: capacity-unavailable, told after the patience', async context => {
    await using round = await newRound({ jobs: jobs(1, 'true') })
    const disk = join(round.home.folder, 'disk')
    mkdirSync(disk)
    const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'none', disk]).status === 0
    if (!isMounted && !process.env.CI) context.skip('mounting a small disk needs root')
    using _ = { [Symbol.dispose]: () => void spawnSync('umount', [disk]) }
    round.home.env.AGENTCTL_LOCAL_DIR = join(disk, 'local')
    const ended = await run(round.home, 'provision', '--patience', '3s', '--json')
    expect(ended.code).toBe(12)
    expect(result(ended)).toMatchObject({ unfinished: 1, machines: 0 })
    expect(ended.stderr).toContain('capacity-unavailable')
    expect(result(ended).units[0].detail).toContain('full')
    expectNothingLeft(round)
  })

  it('the controller is killed, and nobody starts another one: reap accounts for everything', async () => {
    await using round = await newRound({ jobs: jobs(4, 'sleep 1') })
    const provision = start(round.home, 'provision', '--concurrency', '2')
    await round.hub.until(event => event.event === 'job-started')
    provision.child.kill('SIGKILL')
    await provision.ended
    await until('the machines of the dead command end, and reap leaves nothing', async () => {
      const ended = await run(round.home, 'reap', '--json')
      return ended.code === 0 && result(ended).kept.length === 0
    })
    expect(round.hub.jobs().map(job => job.runs)).toEqual([1, 1, 0, 0])
    expectNothingLeft(round)
  })
})

// What else a controller dies of: test/kills.
describe('signals', () => {
  it('SIGTERM with --terminate ends everything, and exits with 143', async () => {
    await using round = await newRound({ jobs: jobs(2, 'sleep 60') })
    const provision = start(round.home, 'provision', '--terminate')
    await round.hub.until(event => event.event === 'job-started')
    provision.child.kill('SIGTERM')
    expect((await provision.ended).code).toBe(143)
    expectNothingLeft(round)
  })

  it('Ctrl-C before anything is launched leaves nothing', async () => {
    await using round = await newRound({ jobs: jobs(2, 'true'), knobs: { metricsFailures: 1000 } })
    const provision = start(round.home, 'provision')
    await until('it waits for the hub', () => provision.output().includes('asking again'))
    provision.child.kill('SIGINT')
    expect((await provision.ended).code).toBe(130)
    expectNothingLeft(round)
  })
})
