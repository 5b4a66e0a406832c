import { Args } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'

export default class HostsResume extends FleetCommand {
  static override summary = 'Let a host that was drained take works up again'
  static override description =
    'It has its share within seconds where it runs; elsewhere as soon as it is started.'
  static override examples = ['<%= config.bin %> <%= command.id %> ci-1']
  static override args = { host: Args.string({ required: true, description: 'name of a host' }) }
  static override flags = { ...settingsFlags }

  async run(): Promise<{ host: string }> {
    const { flags, args } = await this.parse(HostsResume)
    const { resumeHost } = await import('../../operations/hosts.ts')
    await resumeHost(await this.context(flags, 'nothing'), args.host)
    this.log(`${args.host} takes works up again`)
    return { host: args.host }
  }
}
