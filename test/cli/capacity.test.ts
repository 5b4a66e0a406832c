import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { run, start, until } from '../support/cli.ts'
import { instanceFolders, jobs, newRound, processesOf, type Round } from '../support/round.ts'

const capacity = (round: Round, ...args: readonly string[]) => run(round.home, 'capacity', ...args)
const finished = ({ hub }: Round) => hub.jobs().filter(job => job.state === 'finished').length
const registrations = ({ hub }: Round) => hub.events().filter(event => event.event === 'registered').length

function journalFiles({ home }: Round): readonly string[] {
  try {
    return readdirSync(join(home.folder, 'state/agentctl/journals/test-ci'))
  } catch {
    return []
  }
}

describe('capacity plan', () => {
  it('says what it would do and why, changes nothing, and 4 means that there is something', async () => {
    await using round = await newRound({ jobs: jobs(3, 'true') })
    const told = await capacity(round, 'plan', '--detailed-exitcode')
    expect(told).toMatchObject({ code: 4 })
    expect(told.stdout).toMatch(/s1-local: 3 queued, 3 without a machine/)
    expect(told.stdout).toMatch(/local: 3 to launch, 0 to end; none of at most 10/)
    expect(told.stdout).toMatch(/launch +local .* 3 jobs wait without a machine/)
    const { code, stdout } = await capacity(round, 'plan', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).actions.flatMap((one: { units: string[] }) => one.units)).toHaveLength(3)
    expect(instanceFolders(round)).toEqual([])
    expect(journalFiles(round)).toEqual([])
  })

  it('has nothing to do when nothing waits', async () => {
    await using round = await newRound()
    expect(await capacity(round, 'plan', '--detailed-exitcode')).toMatchObject({ code: 0 })
  })
})

describe('reap', () => {
  it('takes a cap and a share, and refuses what is none', async () => {
    await using round = await newRound()
    expect(await run(round.home, 'reap', '--max', '5', '--freeze-share', '1')).toMatchObject({ code: 0 })
    const wrong = await run(round.home, 'reap', '--freeze-share', '2')
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/2 is no share[\s\S]*from 0 to 1/) })
  })
})

describe('capacity run', () => {
  it('gives each job a machine, once, however often it is called, and says nothing when there is nothing to say', async () => {
    await using round = await newRound({ jobs: jobs(4, 'sleep 0.3') })
    const [one, other] = await Promise.all([
      capacity(round, 'run', '--for', '8s', '--quiet'),
      capacity(round, 'run', '--for', '8s', '--quiet'),
    ])
    expect([one, other].map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array(2).fill({ code: 0, stderr: '' }),
    )
    await until('all jobs are done', () => finished(round) === 4)
    await until('nothing runs', async () => {
      await capacity(round, 'run')
      return instanceFolders(round).length === 0
    })
    expect(registrations(round)).toBe(4)
    const quiet = await capacity(round, 'run', '--quiet')
    expect(quiet).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
    expect(processesOf(round)).toEqual([])
  })

  it('does not touch the machines of a provision that runs', async () => {
    await using round = await newRound({ jobs: jobs(3, 'sleep 2') })
    const provision = start(round.home, 'provision')
    await until('machines are there', () => instanceFolders(round).length === 3)
    const beside = await capacity(round, 'run')
    expect(beside.code).toBe(0)
    expect(beside.stdout).toMatch(/local: 0 launched, 0 ended/)
    expect(await provision.ended).toMatchObject({ code: 0 })
    expect(registrations(round)).toBe(3)
  })

  it('says that the hub does not answer, ends nothing, and exits with 12', async () => {
    await using round = await newRound({ jobs: jobs(1, 'sleep 30') })
    await capacity(round, 'run')
    await until('the job runs', () => round.hub.jobs().some(job => job.state === 'running'))
    round.hub.setKnobs({ metricsFailures: 9 })
    const blind = await capacity(round, 'run', '--quiet')
    expect(blind.code).toBe(12)
    expect(blind.stdout).toMatch(/Unknown: the queue of s1-local: .*500/)
    expect(instanceFolders(round)).toHaveLength(1)
    round.hub.setKnobs({ metricsFailures: 0 })
    expect(await run(round.home, 'instances', 'terminate', '--all')).toMatchObject({ code: 0 })
  })

  it('ends after the look under way when it is told to, and leaves running jobs alone', async () => {
    await using round = await newRound({ jobs: jobs(1, 'sleep 6') })
    const running = start(round.home, 'capacity', 'run', '--for', '60s')
    await until('the job runs', () => round.hub.jobs().some(job => job.state === 'running'))
    const toldAt = Date.now()
    running.child.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 143 })
    expect(Date.now() - toldAt).toBeLessThan(8_000)
    await until('its job is done', () => finished(round) === 1)
    await until('the next run ends its machine', async () => {
      await capacity(round, 'run')
      return instanceFolders(round).length === 0
    })
  })

  it('is over at its deadline, whoever holds the lock', async () => {
    await using round = await newRound({ jobs: jobs(1, 'true') })
    const folder = join(round.home.folder, 'state/agentctl/journals/test-ci')
    mkdirSync(folder, { recursive: true })
    const lock = new DatabaseSync(join(folder, 'lock.sqlite'))
    lock.exec('begin exclusive')
    const began = Date.now()
    const blocked = await capacity(round, 'run', '--deadline', '3s')
    expect(Date.now() - began).toBeLessThan(6_000)
    expect(blocked).toMatchObject({ code: 12, stderr: expect.stringMatching(/lock/) })
    lock.close()
    expect(await capacity(round, 'run', '--for', '6s')).toMatchObject({ code: 0 })
    expect(finished(round)).toBe(1)
  })
})
