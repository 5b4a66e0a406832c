import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newHome, run } from '../support/cli.ts'

describe('looking back where nothing was', () => {
  it('says so, and makes no journal for it', async () => {
    using home = newHome()
    const told = await run(home, 'report', '--since', '24h')
    expect(told).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing of test-ci is written down'),
    })
    expect(await run(home, 'history', 'export')).toMatchObject({ code: 0, stdout: '' })
    const json = JSON.parse((await run(home, 'report', '--json')).stdout)
    expect(json).toMatchObject({ owner: 'test-ci', machines: { wanted: 0 }, jobs: { seen: 0 }, failures: [] })
    expect(readdirSync(home.folder, { recursive: true }).map(String).filter(isJournal)).toEqual([])
  })

  it('does not know a job that nobody has seen', async () => {
    using home = newHome()
    expect(await run(home, 'explain', 'nobody')).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/Job nobody: .*could not be asked: no endpoint or no pool is configured/),
    })
    const { code, stdout } = await run(home, 'explain', 'nobody', '--no-look', '--json')
    expect([code, JSON.parse(stdout)]).toMatchObject([2, { state: 'unknown', steps: [], machines: [] }])
  })
})

const isJournal = (name: string) => name.endsWith('.sqlite')

describe('a report', () => {
  it.each([
    [['--since', 'soon'], /soon is no time before now[\s\S]*24h/],
    [['--since', '2999-01-01'], /no time before now/],
    [['--html', join('/nowhere', 'x.html')], /Cannot write \/nowhere\/x.html/],
  ])('refuses %s', async (flags, why) => {
    using home = newHome()
    expect(await run(home, 'report', ...flags)).toMatchObject({ code: 2, stderr: expect.stringMatching(why) })
  })
})
