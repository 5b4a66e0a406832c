import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ruleLink, ruleTexts } from '@agentctl/contract/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newHome, run } from '../support/cli.ts'
import { putOnPath } from '../support/on-path.ts'
import { sh } from '../support/shell.ts'

const top = fileURLToPath(new URL('../..', import.meta.url))
const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

describe('a provider that dev provider wrote', () => {
  const home = newHome()
  const folder = join(home.folder, 'agentctl-provider-nimbus')
  afterAll(() => home[Symbol.dispose]())

  beforeAll(() => {
    putOnPath(home)
    home.env.npm_config_offline = 'true'
  })

  const page = readFileSync(join(top, 'docs/writing-a-provider.md'), 'utf8')
  const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  )

  it('takes every command of docs/writing-a-provider.md, in order', { timeout: 180_000 }, async () => {
    expect(commands.slice(0, 4)).toEqual([
      'agentctl dev provider nimbus',
      'cd agentctl-provider-nimbus',
      'npm install',
      'npm test',
    ])
    let cwd = home.folder
    for (const command of commands) {
      if (command.startsWith('cd ')) cwd = join(cwd, command.slice(3))
      // What a registry would bring is here already.
      else if (command === 'npm install') symlinkSync(join(top, 'node_modules'), join(cwd, 'node_modules'))
      else {
        const { code, output } = await sh(home, command, cwd)
        expect(code, `${command}\n${output}`).toBe(0)
        if (command === 'npm test') expect(output).toMatch(/Tests .*\b[5-9]\d passed/)
        if (command.startsWith('agentctl providers show')) expect(output).toContain('sizes')
        if (command === 'npm pack') expect(output).not.toMatch(/src\/|test\//)
      }
    }
    expect(cwd).toBe(folder)
  })

  it('wants what the workspace has', () => {
    const { dependencies, devDependencies } = readJson(join(folder, 'package.json'))
    const own = readJson(join(top, 'package.json'))
    const ours = { ...own.dependencies, ...own.devDependencies }
    for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect([name, range]).toEqual([name, ours[name]])
    }
  })

  it('fails with the rule and a link to its text once it breaks one', { timeout: 60_000 }, async () => {
    const file = join(folder, 'src/launch.ts')
    const sound = readFileSync(file, 'utf8')
    const broken = sound.replace(' || instance.ownership.digest !== request.digest', '')
    expect(broken).not.toBe(sound)
    writeFileSync(file, broken)
    const { code, output } = await sh(home, 'npx vitest run -t L2', folder)
    expect(code).toBe(1)
    expect(output).toContain('L2 is broken: another request under the same launch id is a conflict')
    expect(output).toContain(`The rule: ${ruleTexts.L2}`)
    expect(output).toContain(`Its text: ${ruleLink('L2')}`)
  })

  it('is written into no folder that has something in it, and under no odd name', async () => {
    const again = await run(home, 'dev', 'provider', 'nimbus')
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('not an empty folder')])
    const odd = await run(home, 'dev', 'provider', 'Nimbus!')
    expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining('cannot be the name of a provider')])
  })
})

describe('the rules as the kit tells them', () => {
  const readme = readFileSync(join(top, 'plugins/contract/README.md'), 'utf8')
  const table = new Map(
    [...readme.matchAll(/^\| \[(\w\d)\]\(#\w\d\) \| (.*) \|$/gm)].map(row => [row[1], row[2]]),
  )

  it('are those of the README', () => {
    const numbered = Object.entries(ruleTexts).filter(([rule]) => /^[A-Z]\d$/.test(rule))
    expect(numbered).toEqual([...table])
  })

  it.each(Object.keys(ruleTexts) as (keyof typeof ruleTexts)[])(
    '%s has a text where its link leads',
    rule => {
      const { pathname, hash } = new URL(ruleLink(rule))
      const headings = [...readFileSync(pathname, 'utf8').matchAll(/^#+ (.*)$/gm)].map(
        ([, heading = '']) => `#${heading.toLowerCase().replaceAll(' ', '-')}`,
      )
      expect(headings).toContain(hash)
    },
  )
})
