import { Args } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { hubFlags } from '../../cli/hub-flags.ts'
import type { ShownAgentType } from '../../operations/agent-types.ts'

export default class AgentTypeShow extends FleetCommand {
  static override summary = 'Show an agent type: its agents, its settings, whether its token works'
  static override description =
    'With the API token; the registration token that the configuration names is tried, and never shown.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> s1-linux',
    '<%= config.bin %> <%= command.id %> s1-linux --json',
  ]
  static override args = { 'agent-type': Args.string({ required: true, description: 'agent type to show' }) }
  static override flags = hubFlags

  async run(): Promise<ShownAgentType> {
    const { args, flags } = await this.parse(AgentTypeShow)
    const [{ showAgentType }, { shownAgentTypeLines }] = await Promise.all([
      import('../../operations/agent-types.ts'),
      import('../../views/agent-types.ts'),
    ])
    const shown = await showAgentType(await this.context(flags, 'nothing'), args['agent-type'])
    for (const line of shownAgentTypeLines(shown)) this.log(line)
    return shown
  }
}
