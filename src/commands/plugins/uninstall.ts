import { Args } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'

export default class PluginsUninstall extends FleetCommand {
  static override aliases = ['plugins:remove', 'plugins:unlink']
  static override summary = 'Remove installed plugins, and end links'
  static override description =
    'Removes the plugins with all that they brought. Machines that run are not looked at: they end by themselves at ' +
    'their deadlines, and are found again once the plugin is back.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> @agentctl/provider-aws',
    '<%= config.bin %> <%= command.id %> aws gcp',
  ]
  static override args = {
    plugin: Args.string({ required: true, multiple: true, description: 'plugins or providers' }),
  }

  async run(): Promise<{ plugins: readonly string[] }> {
    const { args } = await this.parse(PluginsUninstall)
    const [{ uninstallPlugins }, { pluginTools }] = await Promise.all([
      import('../../operations/plugins-uninstall.ts'),
      import('../../cli/plugin-tools.ts'),
    ])
    const tools = pluginTools(this.config, this.leaving.signal, this.surroundings.cwd, line => this.say(line))
    const plugins = await uninstallPlugins(tools, args.plugin)
    for (const name of plugins) this.log(`Removed ${name}.`)
    return { plugins }
  }
}
