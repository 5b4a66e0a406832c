import { contractError } from '@agentctl/contract'
import { Args, Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'

export default class InstancesTerminate extends FleetCommand {
  static override summary = 'End instances now, also those whose jobs run'
  static override description = 'Waits until they are gone. An instance that is gone already is no error.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> INSTANCE INSTANCE',
    '<%= config.bin %> <%= command.id %> --all',
  ]
  static override strict = false
  static override args = { instance: Args.string({ description: 'ids of instances, agents or jobs' }) }
  static override flags = { all: Flags.boolean({ summary: 'Every instance of the owner' }), ...settingsFlags }

  async run(): Promise<{ gone: readonly string[]; left: readonly string[] }> {
    const { flags, argv } = await this.parse(InstancesTerminate)
    const ids = argv.map(String)
    if (flags.all === ids.length > 0) {
      throw contractError('invalid-spec', 'Name instances, or say --all', {
        hint: 'agentctl instances list shows them.',
      })
    }
    const [{ terminateInstances }, { exitCodes }] = await Promise.all([
      import('../../operations/instances.ts'),
      import('../../errors/index.ts'),
    ])
    const context = await this.context(flags, 'nothing')
    const result = await terminateInstances(context, flags.all ? 'all' : ids)
    if (result.gone.length === 0 && result.left.length === 0) this.log('No instances.')
    for (const id of result.gone) this.log(`${id} is gone`)
    for (const id of result.left) this.log(`${id} is still there; look again: agentctl instances list`)
    if (result.left.length > 0) this.setExitCode(exitCodes['cleanup-incomplete'])
    return result
  }
}
