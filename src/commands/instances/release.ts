import { Args } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import type { Released } from '../../operations/instance-hold.ts'

export default class InstancesRelease extends FleetCommand {
  static override summary = 'Take the hold off an instance'
  static override description =
    'One that is only there because its job or agent failed is ended at once; any other goes on as if it had never been held.'
  static override examples = ['<%= config.bin %> <%= command.id %> INSTANCE']
  static override args = {
    instance: Args.string({ required: true, description: 'id of an instance, its agent or its job' }),
  }
  static override flags = { ...settingsFlags }

  async run(): Promise<Released> {
    const { flags, args } = await this.parse(InstancesRelease)
    const { releaseInstance } = await import('../../operations/instance-hold.ts')
    const released = await releaseInstance(await this.context(flags, 'nothing'), args.instance)
    const { id, isEnded } = released
    this.log(isEnded ? `${id} is ended, since its work was over` : `${id} is not held any more`)
    return released
  }
}
