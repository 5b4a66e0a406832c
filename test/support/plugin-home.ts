import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Home, newHome, run } from './cli.ts'

/** Nobody listens there: whatever asks a registry is told so. */
const nobody = 'http://127.0.0.1:9/'
/** Of the test that runs: {@link enter} makes it, {@link leave} takes it away. */
export let home: Home
export const enter = () => {
  home = newHome({ AGENTCTL_NPM_REGISTRY: nobody })
}
export const leave = () => home[Symbol.dispose]()

export const at = (...names: readonly string[]) => join(home.folder, ...names)
export const data = () => at('.local/share/agentctl')
/** Files of plugins that a home holds. */
export const left = () => globSync('**', { cwd: data() }).filter(name => name !== '.')

export const storm = { name: 'provider-storm', version: '1.0.0', provider: 'storm' }
export async function succeed(...args: readonly string[]): Promise<string> {
  const ended = await run(home, ...args)
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  return ended.stdout
}
export async function fail(exit: number, ...args: readonly string[]): Promise<string> {
  const ended = await run(home, ...args)
  expect(ended, ended.stderr).toMatchObject({ code: exit })
  return ended.stderr
}
export async function versionOf(provider: string): Promise<string | undefined> {
  const { providers } = JSON.parse(await succeed('providers', 'list', '--json'))
  return providers.find((one: { provider: string }) => one.provider === provider)?.version
}
