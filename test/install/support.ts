import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject } from 'vitest'
import { type Ended, type Home, run } from '../support/cli.ts'

export const published = inject('published')

/** Has a home use the installed command line, which installs its plugins from the registry of the run. */
export function install(home: Home): void {
  home.bin = join(published.prefix, 'bin/agentctl')
  Object.assign(home.env, published.npmEnv)
}

export const plugin = (provider: string) => `@agentctl/provider-${provider}`

/** Where a home keeps its plugins. */
const dataOf = ({ folder }: Home) => join(folder, '.local/share/agentctl')

/** Files that are left of a home's plugins. */
export function leftOf(home: Home): readonly string[] {
  return globSync('**', { cwd: dataOf(home) }).filter(name => name !== '.')
}

export async function succeed(home: Home, ...args: readonly string[]): Promise<Ended> {
  const ended = await run(home, ...args)
  expect(ended, `${args.join(' ')}: ${ended.stderr}`).toMatchObject({ code: 0 })
  return ended
}

/** What a command says that ends with this exit code. */
export async function fail(home: Home, exit: number, ...args: readonly string[]): Promise<string> {
  const ended = await run(home, ...args)
  expect(ended, `${args.join(' ')}: ${ended.stderr}`).toMatchObject({ code: exit })
  return ended.stderr
}

interface Row {
  readonly provider: string
  readonly plugin: string
  readonly version?: string
  readonly install?: string
}

export async function providersOf(home: Home): Promise<readonly Row[]> {
  const { stdout } = await succeed(home, 'providers', 'list', '--json')
  return JSON.parse(stdout).providers
}

/**
 * One provider's way through a home: not there, installed, listed, used, uninstalled, and nothing of it left.
 */
export async function wayThrough(home: Home, provider: string, use: () => Promise<void>): Promise<void> {
  install(home)
  const rowOf = async () => (await providersOf(home)).find(one => one.provider === provider)
  expect(await rowOf()).toEqual({
    provider,
    plugin: plugin(provider),
    capabilities: expect.any(Object),
    install: `agentctl plugins install ${plugin(provider)}`,
  })

  await succeed(home, 'plugins', 'install', plugin(provider))

  expect(await rowOf()).toMatchObject({ plugin: plugin(provider), version: expect.stringMatching(/^\d/) })
  await use()
  await succeed(home, 'plugins', 'uninstall', plugin(provider))
  expect(leftOf(home)).toEqual([])
  expect(await rowOf()).toMatchObject({ install: expect.any(String) })
}
