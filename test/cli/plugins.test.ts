import { once } from 'node:events'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Home, newHome, run, start, until } from '../support/cli.ts'
import { commitPlugin, packPlugin, writePlugin } from '../support/plugin.ts'
import { processesOf } from '../support/round.ts'

/** Nobody listens there: whatever asks a registry is told so. */
const nobody = 'http://127.0.0.1:9/'
let home: Home
const enter = () => {
  home = newHome({ AGENTCTL_NPM_REGISTRY: nobody })
}
const leave = () => home[Symbol.dispose]()

const at = (...names: readonly string[]) => join(home.folder, ...names)
const data = () => at('.local/share/agentctl')
/** Files of plugins that a home holds. */
const left = () => globSync('**', { cwd: data() }).filter(name => name !== '.')

const storm = { name: 'provider-storm', version: '1.0.0', provider: 'storm' }
async function succeed(...args: readonly string[]): Promise<string> {
  const ended = await run(home, ...args)
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  return ended.stdout
}
async function fail(exit: number, ...args: readonly string[]): Promise<string> {
  const ended = await run(home, ...args)
  expect(ended, ended.stderr).toMatchObject({ code: exit })
  return ended.stderr
}
async function versionOf(provider: string): Promise<string | undefined> {
  const { providers } = JSON.parse(await succeed('providers', 'list', '--json'))
  return providers.find((one: { provider: string }) => one.provider === provider)?.version
}

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

describe('trust', () => {
  beforeEach(enter)
  afterEach(leave)

  it.each([
    ['yaml', 'The package yaml is not one of'],
    ['@acme/provider-storm', 'The package @acme/provider-storm is not one of'],
    ['acme/provider-storm', 'acme/provider-storm is not one of'],
    ['https://example.invalid/storm.tgz', 'https://example.invalid/storm.tgz is not one of'],
    ['@agentctl/provider-aws@npm:yaml', '@agentctl/provider-aws@npm:yaml is no package'],
    ['git+https://somebody:hunter22@example.invalid/storm.git', 'holds credentials'],
  ])('%s is not asked for without it', async (spec, words) => {
    const said = await fail(2, 'plugins', 'install', spec)
    expect(said).toContain(words)
    expect(said).not.toContain('hunter22')
    expect(left()).toEqual([])
  })

  it('a tarball is not ours by the name that it gives itself', async () => {
    const tarball = packPlugin(at('aws'), {
      name: '@agentctl/provider-aws',
      version: '9.9.9',
      provider: 'aws',
    })
    expect(await fail(2, 'plugins', 'install', tarball)).toContain(`plugins install ${tarball} --trust`)
  })

  it('the name of a provider of ours never means the package of that name', async () => {
    expect(await fail(12, 'plugins', 'install', 'aws')).toContain('/@agentctl%2fprovider-aws failed')
  })
})

describe('what cannot be used changes nothing', () => {
  let tarball: string
  beforeAll(async () => {
    enter()
    tarball = packPlugin(at('storm'), storm)
    await succeed('plugins', 'install', tarball, '--trust')
  }, 60_000)
  afterAll(leave)

  const fails: readonly [string, Parameters<typeof packPlugin>[1], string][] = [
    [
      'of another contract',
      { ...storm, version: '2.0.0', contract: 2 },
      'provider-storm 2.0.0 is made for contract 2, this agentctl for 1',
    ],
    [
      'that does not load',
      { ...storm, version: '1.1.0', entry: 'export default {' },
      'Cannot load provider-storm 1.1.0',
    ],
    [
      'that exports another provider',
      { ...storm, version: '1.1.0', entry: 'export default { contract: 1, name: "rain", open() {} }' },
      'does not export the provider it names',
    ],
    [
      'that is no plugin',
      { ...storm, version: '1.1.0', packageJson: { oclif: undefined } },
      'provider-storm 1.1.0 is no plugin of agentctl',
    ],
    [
      'whose metadata lacks the entry',
      { ...storm, version: '1.1.0', packageJson: { agentctl: { contract: 1, provider: 'storm' } } },
      'names no provider and entry',
    ],
    [
      'with a provider that another plugin has',
      { ...storm, name: 'provider-local2', provider: 'local' },
      'Two plugins would claim the provider local: @agentctl/provider-local, which is installed, and provider-local2',
    ],
  ]

  it.each(fails)('a plugin %s', async (_, text, words) => {
    const before = left()
    const said = await fail(2, 'plugins', 'install', packPlugin(at('other'), text), '--trust')
    expect(said).toContain(words)
    expect(said).toContain('Nothing was changed.')
    expect(left()).toEqual(before)
    expect(await versionOf('storm')).toBe('1.0.0')
  })

  it('a tarball that is gone, or is none', async () => {
    const before = left()
    expect(await fail(2, 'plugins', 'install', at('gone.tgz'), '--trust')).toContain('gone.tgz')
    writeFileSync(at('text.tgz'), 'no tarball')
    await fail(12, 'plugins', 'install', at('text.tgz'), '--trust')
    expect(left()).toEqual(before)
  })

  it('an update of what has become another contract', async () => {
    const tarball = packPlugin(at('storm'), storm)
    await succeed('plugins', 'install', tarball, '--trust')
    writeFileSync(tarball, readFileSync(packPlugin(at('storm'), { ...storm, version: '2.0.0', contract: 2 })))
    expect(await fail(2, 'plugins', 'update')).toContain(
      'provider-storm stays at 1.0.0: provider-storm 2.0.0 is made for contract 2',
    )
    expect(await versionOf('storm')).toBe('1.0.0')
  })
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

describe('otherwise', () => {
  beforeEach(enter)
  afterEach(leave)

  it('a registry that is down is said to be down, at once, and with no secret', async () => {
    home.env.AGENTCTL_NPM_REGISTRY = 'http://reader:hunter22@127.0.0.1:9/'
    const startedAt = Date.now()
    const said = await fail(12, 'plugins', 'install', '@agentctl/provider-gcp')
    expect(said).toContain('The npm registry does not answer')
    expect(said).not.toContain('hunter22')
    expect(Date.now() - startedAt).toBeLessThan(10_000)
  })

  it('provision --install asks for the plugin that a token is read by, besides those of its pools', async () => {
    // Without the development plugins of a checkout.
    home.env.NODE_ENV = 'production'
    const provision = ['provision', '--provider', 'local', '--endpoint', 'hub.invalid']
    const token = ['--token', 'aws-ssm:/agentctl/token']
    const said = await fail(12, ...provision, ...token, '--install')
    expect(said).toContain('/@agentctl%2fprovider-aws failed')
    expect(await fail(3, ...provision, ...token)).toContain('agentctl plugins install @agentctl/provider-aws')
  })

  it('two commands at once both come through, and what an interrupted one left goes', async () => {
    mkdirSync(at('.local/share/agentctl/plugins/plugin-broken/node_modules'), { recursive: true })
    const rain = { name: 'provider-rain', version: '1.0.0', provider: 'rain' }
    const tarballs = [packPlugin(at('storm'), storm), packPlugin(at('rain'), rain)]
    await Promise.all(tarballs.map(tarball => succeed('plugins', 'install', tarball, '--trust')))
    expect([await versionOf('storm'), await versionOf('rain')]).toEqual(['1.0.0', '1.0.0'])
    expect(left().filter(name => name.includes('plugin-broken'))).toEqual([])
  }, 60_000)

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', null],
  ] as const)(
    '%s in the middle leaves what worked, and no npm',
    async (signal, code) => {
      await succeed('plugins', 'install', packPlugin(at('storm'), storm), '--trust')
      const asked = new Set<Socket>()
      const silent = createServer(socket => asked.add(socket.on('error', () => undefined))).listen(
        0,
        '127.0.0.1',
      )
      await once(silent, 'listening')
      home.env.AGENTCTL_NPM_REGISTRY = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`
      const running = start(home, 'plugins', 'install', '@agentctl/provider-nimbus')
      await until('npm has asked the registry', () => asked.size > 0, 60_000)

      running.child.kill(signal)
      const ended = once(running.child, 'exit')
      expect((await ended)[0]).toBe(code)
      // What nobody could end ends with the registry that it waits for.
      for (const socket of asked) socket.destroy()
      silent.close()
      await until('no process of it is left', () => processesOf({ home }).length === 0, 60_000)
      expect(await versionOf('storm')).toBe('1.0.0')
    },
    120_000,
  )

  it('what is not installed is not uninstalled, nor what comes with agentctl', async () => {
    await succeed('plugins', 'install', packPlugin(at('storm'), storm), '--trust')
    expect(await fail(2, 'plugins', 'uninstall', 'provider-strom')).toContain('did you mean provider-storm?')
    expect(await fail(2, 'plugins', 'uninstall', 'local')).toContain('comes with agentctl')
    expect(await succeed('plugins', 'reset')).toBe('Removed provider-storm.\n')
    expect(left()).toEqual([])
  })
})
