import type { PluginResult } from '../operations/plugins.ts'
import type { Updated } from '../operations/plugins-update.ts'

export function installedLine({ plugin, version, before, ...brought }: PluginResult): string {
  const words = broughtWords(brought)
  const what = words === undefined ? '' : `: ${words} is ready`
  const instead = before === undefined || before === version ? '' : `, in the place of ${before}`
  return `Installed ${plugin} ${version}${instead}${what}.`
}

/** What a plugin brings, in words. */
export function broughtWords({
  provider,
  coordinator,
}: Pick<PluginResult, 'provider' | 'coordinator'>): string | undefined {
  if (provider !== undefined) return `provider ${provider}`
  return coordinator === undefined ? undefined : `coordinator ${coordinator}`
}

export function updatedLines(results: readonly Updated[]): readonly string[] {
  if (results.length === 0) return ['No plugin is installed.']
  return results
    .filter(one => one.error === undefined)
    .map(({ plugin, from, to }) =>
      from === to ? `${plugin} stays at ${from}.` : `${plugin}: ${from}, now ${to}.`,
    )
}
