import { Args } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'

export default class InstancesConsole extends FleetCommand {
  static override summary = "Print the end of an instance's console"
  static override description =
    'At most 64 KiB, as the cloud has kept it; some clouds keep it after the power-off. What looks like a secret is taken out.'
  static override examples = ['<%= config.bin %> <%= command.id %> INSTANCE']
  static override args = {
    instance: Args.string({ required: true, description: 'id of an instance, its agent or its job' }),
  }
  static override flags = { ...settingsFlags }

  async run(): Promise<{ console: string }> {
    const { flags, args } = await this.parse(InstancesConsole)
    const { readInstanceConsole } = await import('../../operations/instances.ts')
    const { redact } = await import('../../errors/index.ts')
    const console = redact(await readInstanceConsole(await this.context(flags, 'nothing'), args.instance))
    this.log(console.trimEnd())
    return { console }
  }
}
