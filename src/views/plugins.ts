import type { PluginResult } from '../operations/plugins.ts'
import type { Updated } from '../operations/plugins-update.ts'

export function installedLine({ plugin, version, provider, before }: PluginResult): string {
  const what = provider === undefined ? '' : `: provider ${provider} is ready`
  const instead = before === undefined || before === version ? '' : `, in the place of ${before}`
  return `Installed ${plugin} ${version}${instead}${what}.`
}

export function updatedLines(results: readonly Updated[]): readonly string[] {
  if (results.length === 0) return ['No plugin is installed.']
  return results
    .filter(one => one.error === undefined)
    .map(({ plugin, from, to }) =>
      from === to ? `${plugin} stays at ${from}.` : `${plugin}: ${from}, now ${to}.`,
    )
}
