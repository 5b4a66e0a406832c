import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { entryFor, loadProvider } from '../../../src/providers/load.ts'
import {
  isContractKnown,
  type PluginFacts,
  type ProviderEntry,
  providersIn,
  standInAgent,
} from '../../../src/providers/registry.ts'

const plugin = (name: string, agentctl: unknown, change: Partial<PluginFacts> = {}): PluginFacts => ({
  name,
  version: '1.2.3',
  type: 'user',
  root: `/plugins/${name}`,
  pjson: agentctl === undefined ? {} : { agentctl },
  ...change,
})
const metadata = { contract: 1, provider: 'aws', entry: './dist/index.js' }

describe('providersIn', () => {
  it('reads the metadata of plugins that have some, and nothing else of them', () => {
    const plugins = [
      plugin('aws', metadata),
      plugin('help', undefined),
      plugin('devkit', { agent: './bin/agent.js' }),
      plugin('odd', { ...metadata, contract: '1' }),
      plugin('none', undefined, { pjson: null }),
      plugin('text', undefined, { pjson: 'text' }),
    ]
    expect(providersIn(plugins)).toEqual([
      {
        provider: 'aws',
        plugin: 'aws',
        version: '1.2.3',
        type: 'user',
        contract: 1,
        entry: '/plugins/aws/dist/index.js',
      },
    ])
  })

  it('finds the stand-in agent, where a plugin brings one', () => {
    const devkit = plugin('devkit', { agent: './bin/agent.js' })
    expect(standInAgent([plugin('aws', metadata), devkit])).toBe('/plugins/devkit/bin/agent.js')
    expect(standInAgent([plugin('aws', metadata)])).toBeUndefined()
  })
})

describe('entryFor', () => {
  const entries = (...plugins: PluginFacts[]) => providersIn(plugins)
  const error = (name: string, among: readonly ProviderEntry[]) => {
    try {
      return entryFor(name, among)
    } catch (thrown) {
      return thrown
    }
  }

  it('is the one that claims the name', () => {
    expect(error('aws', entries(plugin('a', metadata)))).toMatchObject({ plugin: 'a', provider: 'aws' })
  })

  it.each([
    ['aws', 'agentctl plugins install @agentctl/provider-aws'],
    ['hetzner', 'Installed are: sim.'],
  ])('of %s that is not there says what to do', (name, hint) => {
    expect(error(name, entries(plugin('sim', { ...metadata, provider: 'sim' })))).toMatchObject({
      code: 'provider-not-installed',
      hint: expect.stringContaining(hint),
    })
  })

  it('is not chosen between two plugins', () => {
    const two = entries(plugin('a', metadata), plugin('b', metadata))
    expect(error('aws', two)).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('a and b'),
    })
  })

  it('may be listed twice, as a linked one is', () => {
    const linked = plugin('a', metadata, { type: 'link' })
    expect(error('aws', entries(linked, plugin('a', metadata)))).toMatchObject({ plugin: 'a', type: 'link' })
  })

  it.each([
    [2, 'Update agentctl.'],
    [0, 'agentctl plugins update'],
  ])('of contract %i is refused', (contract, hint) => {
    const [entry] = entries(plugin('a', { ...metadata, contract }))
    expect(entry && isContractKnown(entry)).toBe(false)
    expect(error('aws', entry ? [entry] : [])).toMatchObject({ code: 'unsupported', hint })
  })
})

describe('loadProvider', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'agentctl-plugin-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function written(text: string): ProviderEntry {
    mkdirSync(join(folder, 'dist'))
    writeFileSync(join(folder, 'dist', 'index.mjs'), text)
    const [entry] = providersIn([plugin('a', { ...metadata, entry: './dist/index.mjs' }, { root: folder })])
    if (!entry) throw new Error('no entry')
    return entry
  }

  it('imports what the metadata names', async () => {
    const entry = written('export default { contract: 1, name: "aws", open: async () => ({}) }')
    expect(await loadProvider(entry)).toMatchObject({ contract: 1, name: 'aws' })
  })

  it.each([
    ['another provider', 'export default { contract: 1, name: "gcp", open() {} }'],
    ['another contract', 'export default { contract: 2, name: "aws", open() {} }'],
    ['nothing to open', 'export default { contract: 1, name: "aws" }'],
    ['no default', 'export const x = 1'],
    ['a mistake', 'export default {'],
    ['what is not there', 'import "./gone.mjs"'],
  ])('refuses %s', async (_, text) => {
    await expect(loadProvider(written(text))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('a 1.2.3'),
    })
  })
})
