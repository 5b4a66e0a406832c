import { resolve } from 'node:path'
import { sweepFolders } from '../providers/records.ts'
import { factsIn } from '../providers/stage.ts'
import { alone, keep, type PluginResult, type PluginTools, proven } from './plugins.ts'

/** Uses a plugin from the folder that it is written in, as it is built there. */
export async function linkPlugin(tools: PluginTools, path: string): Promise<PluginResult> {
  const facts = await factsIn(resolve(tools.cwd, path))
  return alone(tools, async () => {
    const result = await proven(tools, facts)
    await keep(tools, { name: facts.name, type: 'link', root: facts.root })
    await sweepFolders(tools.dataDir)
    return result
  })
}
