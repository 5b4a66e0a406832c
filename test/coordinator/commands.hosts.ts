import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Coordinator } from '@agentctl/contract'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Home, type Running, run, start, until } from '../support/cli.ts'
import { jobs, newRound, type Round } from '../support/round.ts'
import { hasTmux, openTerminal } from '../support/tmux.ts'
import { type Cluster, missing, password, startCluster, user } from './cluster.ts'
import { openHost } from './host.ts'

const owner = 'test-ci'

/** `capacity serve` under a name of its own; all of them on this machine see the same machines. */
function serve(home: Home, name: string): Running {
  return start(
    { ...home, env: { ...home.env, AGENTCTL_HOST: name } },
    'capacity',
    'serve',
    '--listen',
    'none',
  )
}

interface HostLine {
  readonly host: string
  readonly state: string
  readonly works: readonly string[]
}

async function hostsOf(home: Home): Promise<readonly HostLine[]> {
  const { code, stdout, stderr } = await run(home, 'hosts', 'list', '--json')
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout).hosts
}

/** How many works a host holds, as the coordinator says it: no process is started for each look. */
async function workCountOf(watching: Coordinator, name: string): Promise<number> {
  const lives = await watching.hosts()
  return lives.filter(({ host, isAlive }) => isAlive && host === name).flatMap(({ works }) => works).length
}

describe.skipIf(missing !== undefined)(`the command line beside hosts ${missing ?? ''}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  async function newInstallation(count: number, on = cluster): Promise<Round> {
    const round = await newRound({ jobs: jobs(count, 'sleep 1') })
    round.home.env.AGENTCTL_COORDINATOR = await on.fresh()
    writeFileSync(join(round.home.folder, 'agentctl.yml'), 'pools: { here: { provider: local } }\n')
    return round
  }

  it('lists, drains and resumes hosts, and tells what all of them did', async ({ expect }) => {
    await using round = await newInstallation(4)
    const { home, hub } = round
    await using watching = await openHost(home.env.AGENTCTL_COORDINATOR ?? '', 'watch', { owner })
    const serving = ['ci-1', 'ci-2'].map(name => serve(home, name))
    const said = await (async () => {
      await until(
        'each host has its share',
        async () => {
          const counts = await Promise.all(['ci-1', 'ci-2'].map(name => workCountOf(watching, name)))
          return counts.every(count => count === 1)
        },
        60_000,
      )
      const outputs: string[] = []
      const done = async (...args: readonly string[]) => {
        const { code, stdout, stderr } = await run(home, ...args)
        expect(code, stderr).toBe(0)
        outputs.push(stdout, stderr)
        return stdout
      }
      const table = await done('hosts', 'list')
      expect(table).toMatch(/^HOST +STATE +VERSION +UP +LAST BEAT +CLOCK +MACHINES +WORKS\n/)
      expect(table).toMatch(/^ci-1 +alive .* right +\d+ +(here|\*)$/m)

      const before = await hostsOf(home)
      const busy = before.find(({ works }) => works.includes('here'))?.host ?? ''
      const other = busy === 'ci-1' ? 'ci-2' : 'ci-1'
      expect(await done('hosts', 'drain', busy, '--wait', '60s')).toContain(`${busy} holds nothing`)
      await until('the other has all', async () => (await workCountOf(watching, other)) === 2, 60_000)
      expect(await hostsOf(home)).toContainEqual(expect.objectContaining({ host: busy, state: 'draining' }))
      await done('hosts', 'resume', busy)
      await until('both have works', async () => (await workCountOf(watching, busy)) === 1, 60_000)

      await until('all jobs are done', () => hub.jobs().every(({ state }) => state === 'finished'), 90_000)
      const open = async () =>
        (await watching.history({ since: Date.now() })).filter(({ kind }) => kind === 'unit')
      await until(
        'their machines are gone',
        async () => (await open()).every(({ isOpen }) => !isOpen),
        60_000,
      )
      expect(JSON.parse(await done('report', '--json')).jobs).toMatchObject({ seen: 4, ran: 4 })
      const top = JSON.parse(await done('top', '--json'))
      expect(top).toMatchObject({ machines: 0, pools: [{ pool: 'here', hosts: [expect.any(String)] }] })
      const lines = (await done('history', 'export', '--since', '1h')).trim().split('\n')
      const machines = lines.map(line => JSON.parse(line)).filter(({ kind }) => kind === 'machine')
      expect(machines).toHaveLength(4)
      expect(await done('explain', machines[0].jobId)).toContain('finished')
      expect(await done('complete', '--', 'hosts', 'drain', 'ci-')).toMatch(/^ci-1\t.*\nci-2\t/)
      expect(await done('capacity', 'plan')).toContain('Nothing to do.')
      expect(await done('instances', 'list')).toBe('No instances.\n')
      expect(await done('reap')).toBeTruthy()
      expect(await done('doctor')).toMatch(/coordinator +address +answers; 2 hosts are alive/)
      const [stranger, second] = [await run(home, 'hosts', 'drain', 'ci-3'), await run(home, 'provision')]
      expect(stranger.code).toBe(2)
      expect(stranger.stderr).toContain('There is no host ci-3; did you mean ci-')
      expect(second.code).toBe(2)
      return outputs.join('\n')
    })().finally(async () => {
      for (const { child } of serving) child.kill('SIGTERM')
      await Promise.all(serving.map(({ ended }) => ended))
    })
    for (const text of [said, ...serving.map(({ output }) => output())]) {
      expect(text).not.toContain(password)
      expect(text).not.toContain(encodeURIComponent(password))
    }
    for (const { ended } of serving) expect(await ended).toMatchObject({ code: 0 })
    expect((await hostsOf(home)).map(({ state }) => state)).toEqual(['ended', 'ended'])
  })

  it('says what is wrong with a database, and never the password', async ({ expect }) => {
    await using round = await newInstallation(0)
    const { home } = round
    const address = home.env.AGENTCTL_COORDINATOR ?? ''
    const at = async (text: string) => {
      const ended = await run({ ...home, env: { ...home.env, AGENTCTL_COORDINATOR: text } }, 'hosts', 'list')
      expect(ended.stdout + ended.stderr).not.toContain(encodeURIComponent(password))
      expect(ended.stdout + ended.stderr).not.toContain('hush-hush')
      return ended
    }
    expect(await at(address)).toMatchObject({
      code: 0,
      stdout: "No hosts: agentctl capacity serve runs nowhere.\nIn no host's hands: here, *\n",
    })
    expect(await at(address.replace(encodeURIComponent(password), 'hush-hush'))).toMatchObject({ code: 10 })
    expect(await at(address.replace(`:${cluster.port}/`, ':9/'))).toMatchObject({ code: 12 })
    expect(await at(`${address}_not`)).toMatchObject({ code: expect.toBeOneOf([2, 10]) })
    expect(await at(`http://${user}:hush-hush@127.0.0.1/`)).toMatchObject({ code: 3 })
  })
  it.skipIf(!hasTmux)('top goes on with what it saw last while the database is away', async ({ expect }) => {
    await using own = await startCluster()
    await using round = await newInstallation(0, own)
    using terminal = openTerminal(round.home, { columns: 160, rows: 30 }, 'top')
    const text = () => terminal.screen().join('\n')
    const last = /As it was seen last; now: /
    await until('it is drawn', () => text().includes('no host is alive'), 60_000)
    await own.stop('fast')
    await until('it says so', () => last.test(text()), 60_000)
    expect(text()).toContain('no host is alive')
    expect(text()).not.toContain(encodeURIComponent(password))
    await own.start()
    await until('it is back', () => !last.test(text()) && text().includes('no host is alive'), 60_000)
    terminal.press('C-c')
    await until('it has ended', () => terminal.isOver())
  })
})
