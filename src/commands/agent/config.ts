import { agentFlags } from '../../cli/agent-flags.ts'
import { BaseCommand } from '../../cli/base.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import type { ShownAgentConfig } from '../../operations/agent-config.ts'

export default class AgentConfig extends BaseCommand {
  static override summary = 'Print the config.yml that an agent of a pool gets'
  static override description =
    'The token is shown as its reference. Name, job and shutdown hook are made for each machine, and left out.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --pool linux-spot',
    '<%= config.bin %> <%= command.id %> --pool linux-spot --agent-type s1-linux --json',
  ]
  static override flags = { ...settingsFlags, ...agentFlags }

  async run(): Promise<ShownAgentConfig> {
    const { flags } = await this.parse(AgentConfig)
    const { showAgentConfig } = await import('../../operations/agent-config.ts')
    const shown = await showAgentConfig({ flags, ...this.surroundings })
    this.log(
      `# an agent of type ${shown.agentType} in pool ${shown.pool}; name, job-id and shutdown-hook-path vary`,
    )
    this.log(shown.text.trimEnd())
    return shown
  }
}
