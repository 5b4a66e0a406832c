import type { Interfaces } from '@oclif/core'
import { openNpm } from '../effects/npm.ts'
import { systemEffects } from '../operations/context.ts'
import type { PluginTools } from '../operations/plugins.ts'
import { pluginsOf } from './open-context.ts'

/** What the operations on plugins are given by the command line. */
export function pluginTools(
  config: Interfaces.Config,
  signal: AbortSignal,
  cwd: string,
  say: (line: string) => void,
): PluginTools {
  const { clock, random, loadProvider, loadCoordinator } = systemEffects()
  return {
    dataDir: config.dataDir,
    cacheDir: config.cacheDir,
    cwd,
    plugins: pluginsOf(config),
    npm: openNpm(config.npmRegistry),
    loadProvider,
    loadCoordinator,
    clock,
    random,
    signal,
    say,
  }
}
