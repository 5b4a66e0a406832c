import { Args } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import type { Updated } from '../../operations/plugins-update.ts'

type UpdateJson = { readonly plugins: readonly Omit<Updated, 'error'>[] }

export default class PluginsUpdate extends FleetCommand {
  static override summary = 'Update installed plugins, all or those named'
  static override description =
    'Each stays with what it was asked for: the newest version of its tag or range, its repository or tarball as it is ' +
    'now. A version for another contract is left where it is. What cannot be updated stays as it was.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> aws --json',
  ]
  static override args = {
    plugin: Args.string({ multiple: true, description: 'plugins or providers; all when none is named' }),
  }

  async run(): Promise<UpdateJson> {
    const { args } = await this.parse(PluginsUpdate)
    const [{ updatePlugins, troubleOf }, { pluginTools }, { updatedLines }] = await Promise.all([
      import('../../operations/plugins-update.ts'),
      import('../../cli/plugin-tools.ts'),
      import('../../views/plugins.ts'),
    ])
    const tools = pluginTools(this.config, this.leaving.signal, this.surroundings.cwd, line => this.say(line))
    const results = await updatePlugins(tools, args.plugin ?? [])
    for (const line of updatedLines(results)) this.log(line)
    const trouble = troubleOf(results)
    if (trouble) throw trouble
    return { plugins: results }
  }
}
