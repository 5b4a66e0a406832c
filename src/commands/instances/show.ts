import { Args } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import type { InstanceJson } from '../../views/instances.ts'

export default class InstancesShow extends FleetCommand {
  static override summary = 'Show one instance: its phases, its deadline, its job'
  static override description =
    'Known by the id of the instance, the name of its agent or the id of its job, on any host with the same configuration.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> INSTANCE',
    '<%= config.bin %> <%= command.id %> JOB --json',
  ]
  static override args = {
    instance: Args.string({ required: true, description: 'id of an instance, its agent or its job' }),
  }
  static override flags = { ...settingsFlags }

  async run(): Promise<InstanceJson> {
    const { flags, args } = await this.parse(InstancesShow)
    const [{ showInstance }, { instanceDetails, instanceJson }] = await Promise.all([
      import('../../operations/instances.ts'),
      import('../../views/instances.ts'),
    ])
    const { view, now } = await showInstance(await this.context(flags, 'nothing'), args.instance)
    for (const line of instanceDetails(view, now)) this.log(line)
    return instanceJson(view)
  }
}
