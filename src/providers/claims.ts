import { pathToFileURL } from 'node:url'
import { contractError, contractVersion } from '@agentctl/contract'
import { messageOf } from '../errors/message.ts'
import { isContractKnown, type PluginEntry } from './registry.ts'

/** The one plugin that claims `what`, undefined where none does. @throws `unsupported` */
export function onlyClaim<Entry extends PluginEntry>(
  claims: readonly Entry[],
  what: string,
): Entry | undefined {
  const [entry] = claims
  const plugins = [...new Set(claims.map(one => one.plugin))]
  if (plugins.length > 1) {
    throw contractError('unsupported', `Two plugins claim ${what}: ${plugins.join(' and ')}`, {
      hint: `Remove one of them: agentctl plugins uninstall ${plugins.at(-1)}`,
    })
  }
  if (entry && !isContractKnown(entry)) {
    throw contractError(
      'unsupported',
      `${entry.plugin} ${entry.version} is made for contract ${entry.contract}, this agentctl for ${contractVersion}`,
      { hint: entry.contract > contractVersion ? 'Update agentctl.' : `agentctl plugins update` },
    )
  }
  return entry
}

/** What the module exports by default. @throws `unsupported` when it cannot be imported */
export async function importEntry({ plugin, version, type, entry }: PluginEntry): Promise<unknown> {
  const loaded = await import(pathToFileURL(entry).href).catch((cause: unknown) => {
    throw contractError('unsupported', `Cannot load ${plugin} ${version}: ${messageOf(cause)}`, {
      cause,
      hint:
        type === 'link'
          ? `Build it where it is linked from: ${entry}`
          : `Install it anew: agentctl plugins install ${plugin}`,
    })
  })
  return loaded.default
}
