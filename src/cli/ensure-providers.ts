import type { Interfaces } from '@oclif/core'
import type { Context } from '../operations/context.ts'
import { type MissingPlugin, missingPlugins } from '../operations/missing-plugins.ts'
import { confirm } from './confirm.ts'

interface Ensuring {
  readonly config: Interfaces.Config
  readonly context: Context
  readonly pools: readonly string[]
  /** By `--install`: without it a person is asked, where there is one. */
  readonly isTold: boolean
  readonly say: (line: string) => void
}

/**
 * Installs the plugins of agentctl's own that the pools miss. One that is declined, or that nobody can be asked about,
 * stays away: whoever opens the provider then says what to run.
 */
export async function ensureProviders(ensuring: Ensuring): Promise<Context> {
  const { context, pools } = ensuring
  const plugins = [...context.plugins]
  for (const missing of missingPlugins(context, pools)) {
    if (await isWelcome(missing, ensuring)) plugins.push(await install(missing, ensuring))
  }
  return { ...context, plugins }
}

async function isWelcome({ provider, plugin }: MissingPlugin, { isTold }: Ensuring): Promise<boolean> {
  if (isTold) return true
  return (await confirm(`The provider ${provider} is not installed. Install ${plugin} now?`)) === true
}

async function install({ plugin }: MissingPlugin, { config, context, say }: Ensuring) {
  const [{ installPlugin }, { installedLine }, { pluginTools }] = await Promise.all([
    import('../operations/plugins-install.ts'),
    import('../views/plugins.ts'),
    import('./plugin-tools.ts'),
  ])
  const tools = pluginTools(config, context.signal, context.effects.home, say)
  const { facts, ...result } = await installPlugin(tools, plugin, false)
  say(installedLine(result))
  return facts
}
