import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { admit } from '../../../src/providers/admit.ts'
import { coordinatorFor, coordinatorsIn, loadCoordinator } from '../../../src/providers/coordinators.ts'
import { type PluginFacts, providersIn } from '../../../src/providers/registry.ts'
import { wantedOf } from '../../../src/providers/wanted.ts'

const metadata = {
  contract: 1,
  coordinator: 'etch',
  schemes: ['etch', 'etchs'],
  entry: './dist/index.js',
}
const plugin = (name: string, agentctl: unknown = metadata): PluginFacts => ({
  name,
  version: '1.2.3',
  type: 'user',
  root: `/plugins/${name}`,
  pjson: { oclif: {}, agentctl },
})

function thrownBy(attempt: () => unknown): unknown {
  try {
    return attempt()
  } catch (thrown) {
    return thrown
  }
}

describe('coordinatorsIn', () => {
  it('reads the metadata of plugins that bring one, which are no providers', () => {
    const plugins = [plugin('a'), plugin('b', { contract: 1, provider: 'b', entry: './b.js' })]
    expect(coordinatorsIn(plugins)).toEqual([
      { ...metadata, plugin: 'a', version: '1.2.3', type: 'user', entry: '/plugins/a/dist/index.js' },
    ])
    expect(providersIn(plugins).map(({ provider }) => provider)).toEqual(['b'])
  })
})

describe('coordinatorFor', () => {
  const chosen = (scheme: string, ...plugins: readonly PluginFacts[]) =>
    thrownBy(() => coordinatorFor(scheme, coordinatorsIn(plugins)))

  it('is the one that claims the scheme', () => {
    expect(chosen('etchs', plugin('a'))).toMatchObject({ plugin: 'a', coordinator: 'etch' })
  })

  it.each([
    ['postgres', /^agentctl plugins install @agentctl\/coordinator-postgres$/],
    ['postgresql', /^agentctl plugins install @agentctl\/coordinator-postgres$/],
    ['carbon', /Installed are plugins for: etch, etchs.*postgres/],
  ])('says of %s, which none claims, what to install', (scheme, hint) => {
    expect(chosen(scheme, plugin('a'))).toMatchObject({
      code: 'provider-not-installed',
      hint: expect.stringMatching(hint),
    })
  })

  it('refuses two that claim it', () => {
    expect(chosen('etch', plugin('a'), plugin('b'))).toMatchObject({
      code: 'unsupported',
      message: 'Two plugins claim addresses etch://: a and b',
      hint: expect.stringContaining('plugins uninstall b'),
    })
  })

  it('refuses one of another contract', () => {
    expect(chosen('etch', plugin('a', { ...metadata, contract: 2 }))).toMatchObject({
      code: 'unsupported',
      hint: 'Update agentctl.',
    })
  })
})

describe('loadCoordinator', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'agentctl-plugin-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function load(source: string) {
    writeFileSync(join(folder, 'index.mjs'), source)
    const [entry] = coordinatorsIn([{ ...plugin('a', { ...metadata, entry: './index.mjs' }), root: folder }])
    if (!entry) throw new Error('no entry')
    return loadCoordinator(entry)
  }

  it('imports what the metadata names', async () => {
    expect(await load('export default { contract: 1, name: "etch", open: async () => ({}) }')).toMatchObject({
      name: 'etch',
    })
  })

  it.each([
    ['another', 'export default { contract: 1, name: "other", open() {} }'],
    ['another contract', 'export default { contract: 2, name: "etch", open() {} }'],
    ['nothing to open', 'export default { contract: 1, name: "etch" }'],
  ])('refuses %s', async (_, source) => {
    await expect(load(source)).rejects.toMatchObject({ code: 'unsupported' })
  })
})

describe('an installation', () => {
  it('takes a coordinator for a plugin', () => {
    expect(admit(plugin('a'), [])).toEqual({ coordinator: coordinatorsIn([plugin('a')])[0] })
  })

  it('refuses a second one for its addresses', () => {
    expect(thrownBy(() => admit(plugin('b'), [plugin('a')]))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('Two plugins would claim addresses etch://'),
    })
    expect(admit(plugin('a'), [plugin('a')])).toHaveProperty('coordinator')
  })

  it('takes its short name for the package of ours', () => {
    expect(wantedOf('postgres', '/')).toMatchObject({ name: '@agentctl/coordinator-postgres' })
  })
})
