import { Args, Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import type { PluginResult } from '../../operations/plugins.ts'

export default class PluginsInstall extends FleetCommand {
  static override aliases = ['plugins:add']
  static override summary = 'Install a plugin: a provider for one more cloud'
  static override description =
    'From the npm registry by name, version or tag, from a tarball, or from a git repository. What was there under that ' +
    "name is replaced only when the new one loads. Packages that are not agentctl's own need --trust. The registry and " +
    'its token are those of ~/.npmrc; AGENTCTL_NPM_REGISTRY names another.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> @agentctl/provider-aws',
    '<%= config.bin %> <%= command.id %> @agentctl/provider-aws@0.1.0',
    '<%= config.bin %> <%= command.id %> ./provider-nimbus-1.0.0.tgz --trust',
    '<%= config.bin %> <%= command.id %> git+https://git.example/nimbus.git#v1 --trust',
  ]
  static override args = {
    plugin: Args.string({ required: true, description: 'package, provider, tarball or repository' }),
  }
  static override flags = {
    trust: Flags.boolean({ summary: "Install although it is not one of agentctl's own packages" }),
  }

  async run(): Promise<PluginResult> {
    const { args, flags } = await this.parse(PluginsInstall)
    const [{ installPlugin }, { pluginTools }, { installedLine }] = await Promise.all([
      import('../../operations/plugins-install.ts'),
      import('../../cli/plugin-tools.ts'),
      import('../../views/plugins.ts'),
    ])
    const tools = pluginTools(this.config, this.leaving.signal, this.surroundings.cwd, line => this.say(line))
    const { facts: _, ...result } = await installPlugin(tools, args.plugin, flags.trust)
    this.log(installedLine(result))
    return result
  }
}
