import { FleetCommand } from '../../cli/fleet-command.ts'
import { hubFlags } from '../../cli/hub-flags.ts'
import type { ListedAgentType } from '../../operations/agent-types.ts'

export default class AgentTypeList extends FleetCommand {
  static override summary = 'List the agent types of the organization'
  static override description =
    'With the API token. POOLS are those of the configuration that serve the type.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --endpoint acme.semaphoreci.com --json',
  ]
  static override flags = hubFlags

  async run(): Promise<{ agentTypes: readonly ListedAgentType[] }> {
    const { flags } = await this.parse(AgentTypeList)
    const [{ listAgentTypes }, { agentTypeLines }] = await Promise.all([
      import('../../operations/agent-types.ts'),
      import('../../views/agent-types.ts'),
    ])
    const agentTypes = await listAgentTypes(await this.context(flags, 'nothing'))
    for (const line of agentTypeLines(agentTypes)) this.log(line)
    return { agentTypes }
  }
}
