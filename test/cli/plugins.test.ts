import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commitPlugin, packPlugin, writePlugin } from '../support/plugin.ts'
import { at, data, enter, fail, leave, left, storm, succeed, versionOf } from '../support/plugin-home.ts'

describe('a tarball', () => {
  beforeEach(enter)
  afterEach(leave)

  it('is installed, updated as the file is, replaced by another version, and uninstalled with all it brought', async () => {
    const tarball = packPlugin(at('storm'), storm)
    expect(await succeed('plugins', 'install', tarball, '--trust')).toBe(
      'Installed provider-storm 1.0.0: provider storm is ready.\n',
    )
    expect(await versionOf('storm')).toBe('1.0.0')
    expect(await succeed('plugins')).toContain('provider-storm 1.0.0')

    const newer = packPlugin(at('storm'), { ...storm, version: '1.1.0' })
    writeFileSync(tarball, readFileSync(newer))
    expect(await succeed('plugins', 'update', 'storm')).toBe('provider-storm: 1.0.0, now 1.1.0.\n')
    const older = packPlugin(at('storm'), { ...storm, version: '0.9.0' })
    expect(await succeed('plugins', 'install', older, '--trust')).toContain('0.9.0, in the place of 1.1.0')
    expect(await versionOf('storm')).toBe('0.9.0')

    expect(await succeed('plugins', 'uninstall', 'storm')).toBe('Removed provider-storm.\n')
    expect(left()).toEqual([])
    expect(await versionOf('storm')).toBeUndefined()
  }, 60_000)
})

describe('a coordinator', () => {
  beforeEach(enter)
  afterEach(leave)
  const etch = {
    ...{ name: 'coordinator-etch', version: '1.0.0' },
    packageJson: { agentctl: { contract: 1, coordinator: 'etch', schemes: ['etch'], entry: './index.js' } },
    entry: "export default { contract: 1, name: 'etch', open: async () => { throw new Error('shut') } }\n",
  }

  it('is installed as any plugin, is no provider, and is used by the scheme of an address', async () => {
    const tarball = packPlugin(at('etch'), etch)
    expect(await succeed('plugins', 'install', tarball, '--trust')).toBe(
      'Installed coordinator-etch 1.0.0: coordinator etch is ready.\n',
    )
    expect(await succeed('providers', 'list')).not.toContain('etch')
    expect(await fail(70, 'hosts', 'list', '--coordinator', 'etch://here')).toContain('shut')
    expect(await fail(3, 'hosts', 'list', '--coordinator', 'carbon://here')).toContain('carbon://')
    expect(await succeed('plugins', 'uninstall', 'etch')).toBe('Removed coordinator-etch.\n')
    expect(left()).toEqual([])
  }, 60_000)
})

describe('a git repository', () => {
  beforeEach(enter)
  afterEach(leave)

  it('is installed by its tag or branch, and updated with its branch', async () => {
    const repository = at('storm.git')
    const url = `git+${pathToFileURL(repository)}`
    commitPlugin(repository, storm)
    await succeed('plugins', 'install', `${url}#v1.0.0`, '--trust')
    commitPlugin(repository, { ...storm, version: '1.1.0' })
    expect(await succeed('plugins', 'update')).toBe('provider-storm stays at 1.0.0.\n')
    await succeed('plugins', 'install', `${url}#main`, '--trust')
    commitPlugin(repository, { ...storm, version: '1.2.0' })
    expect(await succeed('plugins', 'update')).toBe('provider-storm: 1.1.0, now 1.2.0.\n')
  }, 60_000)
})

describe('scripts of a package', () => {
  beforeEach(enter)
  afterEach(leave)
  const script = "node -e \"require('fs').writeFileSync('made.js', '')\""
  const made = () => globSync('**/made.js', { cwd: data() })

  it('build what comes from a repository', async () => {
    commitPlugin(at('storm.git'), { ...storm, packageJson: { scripts: { prepare: script } } })
    await succeed('plugins', 'install', `git+${pathToFileURL(at('storm.git'))}`, '--trust')
    expect(made()).toHaveLength(1)
  }, 60_000)

  it('do not run for a tarball', async () => {
    const scripts = { preinstall: script, install: script, postinstall: script, prepare: script }
    await succeed(
      'plugins',
      'install',
      packPlugin(at('storm'), { ...storm, packageJson: { scripts } }),
      '--trust',
    )
    expect(made()).toEqual([])
  }, 60_000)
})

describe('a folder', () => {
  beforeEach(enter)
  afterEach(leave)

  it('is linked as it is, also after a build, and the link ends without it', async () => {
    const folder = writePlugin(at('storm'), storm)
    expect(await succeed('plugins', 'link', folder)).toBe('Linked provider-storm 1.0.0: provider storm.\n')
    writePlugin(folder, { ...storm, version: '1.1.0' })
    expect(await versionOf('storm')).toBe('1.1.0')
    await succeed('plugins', 'unlink', 'provider-storm')
    expect(await versionOf('storm')).toBeUndefined()
    expect(existsSync(folder)).toBe(true)
  })

  it('takes the place of what was installed, unless it is for another contract', async () => {
    await succeed('plugins', 'install', packPlugin(at('storm'), storm), '--trust')
    const other = writePlugin(at('next'), { ...storm, version: '2.0.0', contract: 2 })
    expect(await fail(2, 'plugins', 'link', other)).toContain('contract 2')
    expect(await versionOf('storm')).toBe('1.0.0')
    await succeed('plugins', 'link', writePlugin(at('next'), { ...storm, version: '1.1.0' }))
    expect(await versionOf('storm')).toBe('1.1.0')
    expect(left()).toEqual(['package.json'])
  })

  it('that holds no plugin is refused', async () => {
    expect(await fail(2, 'plugins', 'link', at('nothing'))).toContain('holds no package')
  })
})
