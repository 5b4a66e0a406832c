import { Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import type { CapacityJson } from '../../views/capacity.ts'

export default class CapacityPlan extends FleetCommand {
  static override summary = 'Say what `capacity run` would launch and end now, and why'
  static override description =
    'Reads the hub and the clouds, and changes nothing: no machine, no tag, no journal. ' +
    'With --detailed-exitcode, 0 means that there is nothing to do, 4 that there is something.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --pool linux-spot --json',
    '<%= config.bin %> <%= command.id %> --detailed-exitcode',
  ]
  static override flags = {
    'detailed-exitcode': Flags.boolean({ summary: 'Exit with 4 when there is something to do' }),
    ...settingsFlags,
  }

  async run(): Promise<CapacityJson> {
    const { flags } = await this.parse(CapacityPlan)
    const [{ capacityPlan }, { poolFlag }, { capacityJson }, { planLines }] = await Promise.all([
      import('../../operations/capacity-plan.ts'),
      import('../../cli/capacity-request.ts'),
      import('../../views/capacity.ts'),
      import('../../views/capacity-lines.ts'),
    ])
    const context = await this.context(flags, 'everything')
    const json = capacityJson(await capacityPlan(context, { only: poolFlag(flags) }))
    for (const line of planLines(json)) this.log(line)
    const isSomething = flags['detailed-exitcode'] && json.exit === 0 && json.actions.length > 0
    const exit = isSomething ? 4 : json.exit
    this.setExitCode(exit)
    return { ...json, exit }
  }
}
