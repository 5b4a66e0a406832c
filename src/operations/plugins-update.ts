import { type ContractError, contractError } from '@agentctl/contract'
import { toContractError } from '../errors/index.ts'
import { offerOf } from '../providers/look.ts'
import { type PluginRecord, readRecords, sweepFolders } from '../providers/records.ts'
import { wantedOf } from '../providers/wanted.ts'
import { alone, type PluginTools } from './plugins.ts'
import { installed } from './plugins-install.ts'
import { nameOf } from './plugins-uninstall.ts'

export interface Updated {
  readonly plugin: string
  readonly from: string
  /** The same where there is nothing newer, or nothing newer could be had. */
  readonly to: string
  readonly error?: ContractError
}

/** Each as it was asked for: its tag or range anew, its repository or file as it is now. One failure stops no other. */
export async function updatePlugins(
  tools: PluginTools,
  names: readonly string[],
): Promise<readonly Updated[]> {
  return alone(tools, async () => {
    await sweepFolders(tools.dataDir)
    const records = (await readRecords(tools.dataDir)).filter(one => one.type === 'user')
    const wanted = new Set(names.map(name => nameOf(records, tools.plugins, name)))
    const results: Updated[] = []
    for (const record of records) {
      if (wanted.size === 0 || wanted.has(record.name)) results.push(await updated(tools, record))
    }
    return results
  })
}

async function updated(tools: PluginTools, record: PluginRecord): Promise<Updated> {
  const { name } = record
  const from = tools.plugins.find(one => one.name === name)?.version ?? 'nothing that works'
  try {
    return { plugin: name, from, to: await newest(tools, record, from) }
  } catch (thrown) {
    return { plugin: name, from, to: from, error: toContractError(thrown) }
  }
}

async function newest(tools: PluginTools, { name, tag = 'latest', url }: PluginRecord, from: string) {
  if (url !== undefined) return (await installed(tools, wantedOf(url, tools.cwd))).version
  const { plugin, note } = await offerOf(tools.npm, tools.dataDir, name, tag)
  if (plugin.version === from) {
    if (note !== undefined) tools.say(note)
    return from
  }
  return (await installed(tools, { from: 'registry', name, range: tag })).version
}

/** The first failure, told with its plugin; undefined when all went well. */
export function troubleOf(results: readonly Updated[]): ContractError | undefined {
  const failed = results.find(one => one.error)
  if (!failed?.error) return undefined
  const { code, message, hint } = failed.error
  return contractError(code, `${failed.plugin} stays at ${failed.from}: ${message}`, {
    ...(hint !== undefined && { hint }),
    cause: failed.error,
  })
}
