import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { start, until } from '../support/cli.ts'
import { packPlugin } from '../support/plugin.ts'
import { at, enter, fail, home, leave, left, storm, succeed, versionOf } from '../support/plugin-home.ts'
import { processesOf } from '../support/round.ts'

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
