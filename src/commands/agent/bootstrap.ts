import { agentFlags } from '../../cli/agent-flags.ts'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import type { ShownBootstrap } from '../../operations/agent-bootstrap.ts'

export default class AgentBootstrap extends FleetCommand {
  static override summary = 'Print the user data that a machine of a pool gets'
  static override description =
    "Unpacked, for a made-up job, with the token's reference in place of the token."
  static override examples = ['<%= config.bin %> <%= command.id %> --pool linux-spot']
  static override flags = { ...settingsFlags, ...agentFlags }

  async run(): Promise<ShownBootstrap> {
    const { flags } = await this.parse(AgentBootstrap)
    const { showBootstrap } = await import('../../operations/agent-bootstrap.ts')
    const name = typeof flags.pool === 'string' ? flags.pool : undefined
    const shown = await showBootstrap(await this.context(flags, 'everything'), name)
    this.log(shown.text.trimEnd())
    this.logToStderr(`${shown.size} bytes of ${shown.sizeMax} for a ${shown.guest} guest`)
    return shown
  }
}
