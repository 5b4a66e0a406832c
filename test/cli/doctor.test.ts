import { describe, expect, it } from 'vitest'
import { type Ended, run } from '../support/cli.ts'
import { json, loopback } from '../support/loopback.ts'
import { instanceFolders, jobs, newRound, processesOf, type Round } from '../support/round.ts'

interface Shown {
  readonly checks: readonly { level: string; area: string; subject: string; message: string; fix?: string }[]
  readonly exit: number
}

const shown = ({ stdout }: Ended): Shown => JSON.parse(stdout)
const bad = ({ checks }: Shown) =>
  checks.filter(({ level }) => level === 'problem').map(({ subject }) => subject)
const check = (round: Round, ...args: readonly string[]) => run(round.home, 'doctor', '--json', ...args)

describe('doctor', () => {
  it('finds nothing where all is well', async () => {
    await using round = await newRound({ jobs: jobs(2, 'true') })
    const ended = await run(round.home, 'doctor')
    expect(ended).toMatchObject({ code: 0 })
    expect(ended.stdout).toMatch(/^ok +hub +token of s1-local +accepted; 2 jobs wait$/m)
    expect(ended.stdout).toMatch(/^ok +pool local +user data +\d+ bytes of \d+$/m)
    expect(ended.stdout.trimEnd()).toMatch(/All is well\.$/)
    expect(ended.stdout + ended.stderr).not.toContain(round.hub.token)
  })

  it('launches a machine and ends it with --launch-probe', async () => {
    await using round = await newRound({ jobs: jobs(1, 'true') })
    const ended = await check(round, '--launch-probe')
    expect(ended.code, ended.stdout + ended.stderr).toBe(0)
    expect(shown(ended).checks.find(({ subject }) => subject === 'probe: terminate')).toMatchObject({
      level: 'ok',
    })
    expect(round.hub.jobs()[0]?.runs).toBe(0)
    expect(instanceFolders(round)).toEqual([])
    expect(processesOf(round)).toEqual([])
  })

  it.each<readonly [string, Record<string, string>, readonly string[], number, readonly string[]]>([
    ['a wrong token', { SEMAPHORE_AGENT_TOKEN: 'no-such-token' }, [], 10, ['token of s1-local']],
    ['a wrong API token', { SEMAPHORE_API_TOKEN: 'no-such-token' }, [], 10, ['API token']],
    ['a provider that is not installed', { AGENTCTL_PROVIDER: 'nimbus' }, [], 3, ['provider']],
    ['a spec with unknown keys', {}, ['--set', 'colour=red'], 2, ['spec']],
    [
      'several at once, the gravest of which counts',
      { SEMAPHORE_AGENT_TOKEN: 'no-such-token' },
      ['--set', 'colour=red'],
      10,
      ['token of s1-local', 'spec'],
    ],
  ])('tells %s, with what to do', async (_, env, args, code, subjects) => {
    await using round = await newRound({}, env)
    const ended = await check(round, ...args)
    expect({ code: ended.code, bad: bad(shown(ended)), exit: shown(ended).exit }).toEqual({
      code,
      bad: subjects,
      exit: code,
    })
    const { checks } = shown(ended)
    expect(checks.filter(({ level, fix }) => level === 'problem' && fix === undefined)).toEqual([])
    expect(ended.stdout).not.toContain('no-such-token')
  })

  it('tells an endpoint that nobody answers at', async () => {
    await using round = await newRound()
    await round.hub.close()
    const ended = await check(round)
    expect(ended.code).toBe(12)
    expect(bad(shown(ended))).toEqual(['endpoint'])
  })

  it.each([
    [0, 'ok'],
    [2, 'warning'],
    [10, 'problem'],
  ] as const)('compares clocks: a hub that is %i min ahead is %s', async (minutes, level) => {
    await using round = await newRound()
    await using ahead = await loopback((request, response) => {
      response.setHeader('date', new Date(Date.now() + minutes * 60_000).toUTCString())
      if (request.url?.includes('/jobs')) json(response, { jobs: [] })
      else json(response, { agents: [] })
    })
    const ended = await check(round, '--endpoint', ahead.endpoint)
    expect(shown(ended).checks.find(({ subject }) => subject === 'clock')).toMatchObject({
      area: 'hub',
      level,
    })
    expect(ended.code).toBe(level === 'problem' ? 10 : 0)
  })

  it('says what is lost without an API token', async () => {
    await using round = await newRound()
    delete round.home.env.SEMAPHORE_API_TOKEN
    const ended = await check(round)
    expect(ended.code).toBe(0)
    expect(shown(ended).checks.find(({ level }) => level === 'warning')).toMatchObject({
      subject: 'API token',
    })
  })
})
