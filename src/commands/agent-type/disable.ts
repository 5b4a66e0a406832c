import { contractError } from '@agentctl/contract'
import { Args, Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { hubFlags } from '../../cli/hub-flags.ts'
import type { DisabledAgents } from '../../operations/agent-types.ts'

export default class AgentTypeDisable extends FleetCommand {
  static override summary = 'End the agents of a type that are online now'
  static override description =
    'Idle ones end at their next sync, and their machines with them. With --all those with a job stop it and end too. ' +
    'Agents that register later are not concerned: stop what launches machines first.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> s1-linux',
    '<%= config.bin %> <%= command.id %> s1-linux --all --yes',
  ]
  static override args = {
    'agent-type': Args.string({ required: true, description: 'agent type whose agents are to end' }),
  }
  static override flags = {
    all: Flags.boolean({ summary: 'Also those that run a job: it is stopped' }),
    yes: Flags.boolean({ summary: 'Do not ask' }),
    ...hubFlags,
  }

  async run(): Promise<DisabledAgents | { name: string; which: 'none' }> {
    const { args, flags } = await this.parse(AgentTypeDisable)
    const name = args['agent-type']
    if (flags.all && !flags.yes && !(await this.confirmed(name))) {
      this.log(`The agents of ${name} go on.`)
      return { name, which: 'none' }
    }
    const [{ disableAgents }, { disabledLines }] = await Promise.all([
      import('../../operations/agent-types.ts'),
      import('../../views/agent-types.ts'),
    ])
    const context = await this.context(flags, 'nothing')
    const disabled = await disableAgents(context, name, flags.all ? 'all' : 'idle')
    for (const line of disabledLines(disabled)) this.log(line)
    return disabled
  }

  private async confirmed(name: string): Promise<boolean> {
    const { confirm } = await import('../../cli/confirm.ts')
    const answer = await confirm(`Stop all jobs that agents of ${name} run?`)
    if (answer !== undefined) return answer
    throw contractError('invalid-spec', `Stopping the jobs of ${name} has to be confirmed`, {
      hint: 'There is no terminal to ask on: say --yes.',
    })
  }
}
