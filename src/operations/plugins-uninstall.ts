import { contractError } from '@agentctl/contract'
import { didYouMean } from '../errors/index.ts'
import { coordinatorsIn } from '../providers/coordinators.ts'
import { knownPlugin } from '../providers/known.ts'
import { type PluginRecord, readRecords } from '../providers/records.ts'
import { type PluginFacts, providersIn } from '../providers/registry.ts'
import { alone, drop, type PluginTools } from './plugins.ts'

/** Removes installed plugins and ends links, all of them or none; with no names, every one. */
export async function uninstallPlugins(
  tools: PluginTools,
  names: readonly string[] | 'all',
): Promise<readonly string[]> {
  return alone(tools, async () => {
    const records = await readRecords(tools.dataDir)
    const gone =
      names === 'all' ? records.map(one => one.name) : names.map(name => nameOf(records, tools.plugins, name))
    await drop(tools, gone)
    return gone
  })
}

/** The plugin that is meant by its own name or by that of its provider or coordinator. @throws `invalid-spec` */
export function nameOf(
  records: readonly PluginRecord[],
  plugins: readonly PluginFacts[],
  given: string,
): string {
  const recorded = records.map(one => one.name)
  const brings =
    providersIn(plugins).find(one => one.provider === given)?.plugin ??
    coordinatorsIn(plugins).find(one => one.coordinator === given)?.plugin
  const name = [given, brings, knownPlugin(given)].find(one => one !== undefined && recorded.includes(one))
  if (name !== undefined) return name
  const comes = plugins.find(one => one.name === (brings ?? given))
  throw contractError(
    'invalid-spec',
    comes
      ? `${comes.name} comes with agentctl`
      : `No plugin ${given} is installed${didYouMean(given, recorded)}`,
    { hint: `Installed are: ${recorded.join(', ') || 'none'}` },
  )
}
