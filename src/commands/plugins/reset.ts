import { FleetCommand } from '../../cli/fleet-command.ts'

export default class PluginsReset extends FleetCommand {
  static override summary = 'Remove all plugins that were installed or linked'
  static override description = 'Leaves agentctl as it was installed. Linked folders stay; only the links go.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<{ plugins: readonly string[] }> {
    await this.parse(PluginsReset)
    const [{ uninstallPlugins }, { pluginTools }] = await Promise.all([
      import('../../operations/plugins-uninstall.ts'),
      import('../../cli/plugin-tools.ts'),
    ])
    const tools = pluginTools(this.config, this.leaving.signal, this.surroundings.cwd, line => this.say(line))
    const plugins = await uninstallPlugins(tools, 'all')
    for (const name of plugins) this.log(`Removed ${name}.`)
    if (plugins.length === 0) this.log('No plugin was installed.')
    return { plugins }
  }
}
