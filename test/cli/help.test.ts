import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { newHome, run } from '../support/cli.ts'

interface Described {
  readonly id: string
  readonly summary?: string
  readonly description?: string
  readonly examples?: readonly (string | { readonly command: string })[]
}

const manifests = ['oclif.manifest.json', 'plugins/devkit/oclif.manifest.json'].map(file =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8')),
)
const commands = manifests.flatMap(({ commands }) => Object.values<Described>(commands))
const home = newHome()
afterAll(() => home[Symbol.dispose]())

it('every command has a summary, a description and examples of itself', () => {
  expect(commands.length).toBeGreaterThan(25)
  const poor = commands.filter(({ summary, description, examples = [] }) => {
    const own = examples.map(one => (typeof one === 'string' ? one : one.command))
    return !summary || !description || !own.some(one => one.includes('<%= command.id %>'))
  })
  expect(poor.map(({ id }) => id)).toEqual([])
})

describe.concurrent('fits a terminal of 80 columns:', () => {
  const topics = ['', ...new Set(commands.flatMap(({ id }) => id.split(':').slice(0, -1)))]
  const pages = [...topics, ...commands.map(({ id }) => id.replaceAll(':', ' '))]

  it.each(pages)('agentctl %s --help', async page => {
    const { code, stdout } = await run(home, ...page.split(' ').filter(Boolean), '--help')
    expect(code).toBe(0)
    expect(stdout).toContain('USAGE')
    expect(stdout.split('\n').filter(line => line.length > 80)).toEqual([])
  })
})

describe('did you mean', () => {
  const pools = `endpoint: hub.example
pools:
  linux: { provider: local, spec: {} }
  windows: { provider: local, spec: {} }
agent-types:
  s1-local: { token: env:TOKEN, pools: [linux, windows] }
`
  it.each([
    ['provison', 'agentctl has no command provison; did you mean provision?', 127],
    ['instances lst', 'agentctl has no command instances lst; did you mean instances list?', 127],
    ['instnaces', 'agentctl has no command instnaces; did you mean instances?', 127],
    ['frobnicate', 'agentctl has no command frobnicate\n', 127],
    ['providers show lcal', 'No plugin for the provider lcal is installed; did you mean local?', 3],
    ['doctor --pool linus --config pools.yml', 'there is no pool linus; did you mean linux?', 2],
    ['capacity plan --pool linus --config pools.yml', 'there is no pool linus; did you mean linux?', 2],
  ])('agentctl %s', async (line, words, exit) => {
    writeFileSync(join(home.folder, 'pools.yml'), pools)
    const { code, stderr } = await run(home, ...line.split(' '))
    expect(stderr).toContain(words)
    expect(code).toBe(exit)
  })
})
