import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Home, newHome } from '../support/cli.ts'
import { putOnPath } from '../support/on-path.ts'
import { commitPlugin, type PluginText, packPlugin, writePlugin } from '../support/plugin.ts'
import { newRound } from '../support/round.ts'
import { sh } from '../support/shell.ts'
import { answerOnTerminal } from '../support/terminal.ts'
import { fail, install, leftOf, providersOf, published, succeed } from './support.ts'

const name = '@agentctl/provider-nimbus'
const nimbus = { name, version: '1.0.0', provider: 'nimbus' }

/** Under the tag `latest`, unless another is given. */
function publish(home: Home, text: PluginText, tag = 'latest'): void {
  const folder = writePlugin(join(home.folder, `${text.name.replace('/', '-')}-${text.version}`), text)
  const { PATH = '' } = process.env
  const env = { PATH, HOME: home.folder, ...published.npmEnv }
  execFileSync('npm', ['publish', folder, '--tag', tag], { cwd: home.folder, env, stdio: 'pipe' })
}

async function versionOf(home: Home, provider = 'nimbus'): Promise<string | undefined> {
  return (await providersOf(home)).find(one => one.provider === provider)?.version
}

describe('versions in a registry', () => {
  const home = newHome()
  const plugins = (...args: readonly string[]) => succeed(home, 'plugins', ...args)
  beforeAll(() => {
    install(home)
    publish(home, nimbus)
    publish(home, { ...nimbus, version: '1.1.0' })
    publish(home, { ...nimbus, version: '1.2.0-next.0' }, 'next')
  })
  afterAll(() => home[Symbol.dispose]())

  it.each([
    [name, 'Installed @agentctl/provider-nimbus 1.1.0: provider nimbus is ready.'],
    [`${name}@1.0.0`, '1.0.0, in the place of 1.1.0'],
    [`${name}@next`, '1.2.0-next.0, in the place of 1.0.0'],
    [`${name}@^1.0.0`, '1.1.0, in the place of 1.2.0-next.0'],
  ])('%s is installed', async (spec, words) => {
    expect((await plugins('install', spec)).stdout).toContain(words)
  })

  it('a newer one of the range comes with an update, and is the same the next time', async () => {
    publish(home, { ...nimbus, version: '1.2.0' })
    expect((await plugins('update')).stdout).toBe(`${name}: 1.1.0, now 1.2.0.\n`)
    expect((await plugins('update', 'nimbus')).stdout).toBe(`${name} stays at 1.2.0.\n`)
  })

  it('one for another contract is refused when it is asked for, and else the newest that fits is taken', async () => {
    publish(home, { ...nimbus, version: '2.0.0', contract: 2 })
    const refused = await fail(home, 2, 'plugins', 'install', `${name}@2.0.0`)
    expect(refused).toContain(`${name} 2.0.0 is made for contract 2, this agentctl for 1`)
    expect(refused).toContain(`For this agentctl there is ${name}@1.2.0`)
    expect(await versionOf(home)).toBe('1.2.0')

    const { stdout, stderr } = await plugins('install', name)
    expect(stderr).toContain('2.0.0 is made for another contract; 1.2.0 is the newest for this agentctl')
    expect(stdout).toContain(`Installed ${name} 1.2.0`)
    expect((await plugins('update')).stdout).toBe(`${name} stays at 1.2.0.\n`)
  })

  it('one that cannot be installed whole leaves the one that works', async () => {
    const packageJson = { dependencies: { '@agentctl/nowhere': '1.0.0' } }
    publish(home, { ...nimbus, version: '1.3.0', packageJson }, 'lame')
    expect(await fail(home, 2, 'plugins', 'install', `${name}@lame`)).toContain('@agentctl%2fnowhere')
    expect(await fail(home, 2, 'plugins', 'install', `${name}@9.9.9`)).toContain('No match found')
    expect(await fail(home, 2, 'plugins', 'install', '@agentctl/nowhere')).toContain(
      'has no @agentctl/nowhere',
    )
    expect(await versionOf(home)).toBe('1.2.0')
  })

  it('another package with the same provider is refused, and both are named', async () => {
    publish(home, { ...nimbus, name: '@agentctl/provider-cumulus' })
    expect(await fail(home, 2, 'plugins', 'install', '@agentctl/provider-cumulus')).toContain(
      `Two plugins would claim the provider nimbus: ${name}, which is installed, and @agentctl/provider-cumulus`,
    )
    expect(await versionOf(home)).toBe('1.2.0')
  })

  it('nothing is left when it is uninstalled', async () => {
    await plugins('uninstall', name)
    expect(leftOf(home)).toEqual([])
  })
})

describe('a provider that provision misses', () => {
  const wrong = ['provision', '--provider', 'docker', '--set', 'colour=red']

  it('is offered on a terminal, and installed on yes alone', async () => {
    await using round = await newRound()
    install(round.home)
    const declined = await answerOnTerminal(round.home, 'n', ...wrong)
    expect(declined.text).toContain('Install @agentctl/provider-docker now? [y/N]')
    expect(declined.text).toContain('agentctl plugins install @agentctl/provider-docker')
    expect(declined.code).toBe(3)
    expect(leftOf(round.home)).toEqual([])

    // It is used in the same command: its own words about a key that it does not know.
    const accepted = await answerOnTerminal(round.home, 'y', ...wrong)
    expect(accepted.text).toContain('provider docker is ready')
    expect(accepted.text).toContain('colour')
    expect(accepted.code).toBe(2)
  })

  it('is named elsewhere, and installed with --install', async () => {
    await using round = await newRound()
    install(round.home)
    expect(await fail(round.home, 3, ...wrong)).toContain(
      'agentctl plugins install @agentctl/provider-docker',
    )
    expect(leftOf(round.home)).toEqual([])
    expect(await fail(round.home, 2, ...wrong, '--install')).toContain('colour')
    expect(await versionOf(round.home, 'docker')).toMatch(/^\d/)
  })
})

it('one of ours comes from a tarball and from git, with what it needs from the registry', async () => {
  using home = newHome()
  install(home)
  const text = JSON.parse(
    readFileSync(join(published.packages['provider-qemu'] ?? '', 'package.json'), 'utf8'),
  )
  const env = { PATH: process.env.PATH ?? '', HOME: home.folder, ...published.npmEnv }
  const folder = published.packages['provider-qemu'] ?? ''
  execFileSync('npm', ['pack', folder], { cwd: home.folder, env, stdio: 'pipe' })
  const tarball = join(home.folder, `agentctl-provider-qemu-${text.version}.tgz`)
  await succeed(home, 'plugins', 'install', tarball, '--trust')
  expect((await succeed(home, 'providers', 'show', 'qemu')).stdout).toContain(`provider-qemu ${text.version}`)

  const repository = join(home.folder, 'qemu')
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', repository, ...args], { stdio: 'pipe' })
  execFileSync('cp', ['-r', folder, repository])
  git('init', '-q', '-b', 'main')
  git('add', '-f', '.')
  git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '-qm', 'as published')
  await succeed(home, 'plugins', 'install', `git+${pathToFileURL(repository)}#main`, '--trust')
  expect((await succeed(home, 'providers', 'show', 'qemu')).stdout).toContain(`provider-qemu ${text.version}`)
  await succeed(home, 'plugins', 'uninstall', 'qemu')
  expect(leftOf(home)).toEqual([])
})

it('every command of docs/plugins.md does what it says', async () => {
  await using round = await newRound()
  const { home } = round
  install(home)
  putOnPath(home)
  const at = (path: string) => join(home.folder, path)
  writeFileSync(
    at('.gitconfig'),
    `[url "${pathToFileURL(at('git'))}/"]\n\tinsteadOf = https://git.example.com/acme/\n`,
  )
  packPlugin(at('provider-nimbus'), { ...nimbus, name: 'provider-nimbus' })
  commitPlugin(at('git/provider-nimbus.git'), { ...nimbus, name: 'provider-nimbus' })
  publish(home, { name: '@acme/provider-storm', version: '1.0.0', provider: 'storm' })
  writePlugin(at('provider-mist'), { name: 'provider-mist', version: '1.0.0', provider: 'mist' })

  const page = readFileSync(fileURLToPath(new URL('../../docs/plugins.md', import.meta.url)), 'utf8')
  const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  )
  expect(commands.length).toBeGreaterThan(12)
  for (const command of commands) {
    const { code, output } = await sh(home, command)
    expect(code, `${command}\n${output}`).toBe(0)
    if (command === 'agentctl plugins')
      expect(output).toMatch(/storm 1\.0\.0[\s\S]*mist 1\.0\.0|mist 1\.0\.0[\s\S]*storm 1\.0\.0/)
  }
  expect(leftOf(home)).toEqual([])
})
