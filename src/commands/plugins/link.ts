import { Args } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import type { PluginResult } from '../../operations/plugins.ts'

export default class PluginsLink extends FleetCommand {
  static override summary = 'Use a plugin from the folder it is written in'
  static override description =
    'The plugin is used as it is built there, from now on and after each build. Nothing is installed in the folder. ' +
    '`plugins uninstall` ends the link.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> ../agentctl-provider-nimbus',
  ]
  static override args = {
    path: Args.string({ default: '.', description: 'folder of the plugin' }),
  }

  async run(): Promise<PluginResult> {
    const { args } = await this.parse(PluginsLink)
    const [{ linkPlugin }, { pluginTools }, { broughtWords }] = await Promise.all([
      import('../../operations/plugins-link.ts'),
      import('../../cli/plugin-tools.ts'),
      import('../../views/plugins.ts'),
    ])
    const tools = pluginTools(this.config, this.leaving.signal, this.surroundings.cwd, line => this.say(line))
    const result = await linkPlugin(tools, args.path)
    const words = broughtWords(result)
    this.log(`Linked ${result.plugin} ${result.version}${words === undefined ? '' : `: ${words}`}.`)
    return result
  }
}
