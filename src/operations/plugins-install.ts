import { contractError } from '@agentctl/contract'
import { admitClaim } from '../providers/admit.ts'
import { offerOf } from '../providers/look.ts'
import { newFolder, sweepFolders } from '../providers/records.ts'
import type { PluginFacts } from '../providers/registry.ts'
import { stage } from '../providers/stage.ts'
import { isOurs, specOf, type Wanted, wantedOf } from '../providers/wanted.ts'
import { alone, keep, type PluginResult, type PluginTools, proven } from './plugins.ts'

export interface Installed extends PluginResult {
  readonly facts: PluginFacts
}

/**
 * Installs what `text` names, in the place of what was there under that name. Until it is proven to load, nothing that
 * worked is touched.
 * @param isTrusted whether a package that is not of agentctl's own scope may come too
 */
export async function installPlugin(
  tools: PluginTools,
  text: string,
  isTrusted: boolean,
): Promise<Installed> {
  const wanted = wantedOf(text, tools.cwd)
  if (!isTrusted && !isOurs(wanted)) throw untrusted(text, wanted)
  return alone(tools, async () => {
    await sweepFolders(tools.dataDir)
    return installed(tools, wanted)
  })
}

function untrusted(text: string, wanted: Wanted) {
  const what = wanted.from === 'registry' ? `The package ${wanted.name}` : text
  return contractError(
    'invalid-spec',
    `${what} is not one of agentctl's own, and its code would run as you`,
    {
      hint: `If you trust whoever made it: agentctl plugins install ${text} --trust`,
    },
  )
}

/** To be called {@link alone}. */
export async function installed(tools: PluginTools, wanted: Wanted): Promise<Installed> {
  const folder = await newFolder(tools.dataDir)
  try {
    const facts = await stage(
      tools.npm,
      folder,
      await exactSpec(tools, folder, wanted),
      wanted.from === 'repository',
    )
    const result = await proven(tools, facts)
    const origin = wanted.from === 'registry' ? { tag: wanted.range } : { url: wanted.spec }
    await keep(tools, { name: facts.name, type: 'user', ...origin, root: folder })
    return { ...result, facts }
  } catch (error) {
    await sweepFolders(tools.dataDir)
    throw error
  }
}

/** What a registry says of a package is enough to refuse it before anything of it is fetched. */
async function exactSpec(tools: PluginTools, folder: string, wanted: Wanted): Promise<string> {
  if (wanted.from !== 'registry') {
    tools.say(`Installing ${specOf(wanted)}`)
    return wanted.spec
  }
  const { plugin, note } = await offerOf(tools.npm, folder, wanted.name, wanted.range)
  admitClaim(plugin, tools.plugins)
  if (note !== undefined) tools.say(note)
  tools.say(`Installing ${plugin.name} ${plugin.version}`)
  return `${plugin.name}@${plugin.version}`
}
