import { describe, expect, it } from 'vitest'
import { newHome, run, start, until } from '../support/cli.ts'
import { jobs, newRound } from '../support/round.ts'
import { startOnTerminal } from '../support/terminal.ts'
import { hasTmux, openTerminal } from '../support/tmux.ts'

describe('top', () => {
  it('says so where nothing was, and makes no journal for it', async () => {
    using home = newHome()
    const { code, stdout } = await run(home, 'top')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^test-ci: \d\d:\d\d:\d\dZ, no command runs on this host, 0 machines, 0 jobs waiting\n$/,
    )
    const json = JSON.parse((await run(home, 'top', '--json')).stdout)
    expect(Object.keys(json).toSorted()).toEqual(
      ['commands', 'hosts', 'machines', 'now', 'owner', 'pools', 'types', 'waits'].toSorted(),
    )
    expect(json).toMatchObject({ hosts: null, machines: 0 })
  })

  it.skipIf(!hasTmux)('is drawn over itself on a terminal until Ctrl-C', async () => {
    await using round = await newRound({ jobs: jobs(2, 'sleep 4') })
    using terminal = openTerminal(round.home, { columns: 120, rows: 30 }, 'top')
    const text = () => terminal.screen().join('\n')
    await until('it is drawn', () => text().includes('no command runs on this host'))
    const provision = start(round.home, 'provision')
    await until('machines are seen', () => /here run: provision, 2 machines/.test(text()), 60_000)
    await until('they are online', () => / 2 online/.test(text()), 60_000)
    await provision.ended
    await until('their end is seen', () => /no command runs on this host, 0 machines/.test(text()), 60_000)
    expect(text().match(/jobs waiting/g)).toHaveLength(1)
    terminal.press('C-c')
    await until('it has ended', () => terminal.isOver())
    expect(
      terminal
        .all()
        .join('\n')
        .match(/jobs waiting/g),
    ).toHaveLength(1)
  })
  it('ends with the terminal that it is drawn on', async () => {
    using home = newHome()
    const { child, ended, output } = startOnTerminal(home, 'top')
    await until('it is drawn', () => output().includes('no command runs on this host'))
    child.kill('SIGKILL')
    expect(await ended).toMatchObject({ code: 0 })
  })
})
