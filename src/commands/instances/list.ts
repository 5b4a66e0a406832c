import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import type { InstanceJson } from '../../views/instances.ts'

export default class InstancesList extends FleetCommand {
  static override summary = 'List what runs, as the clouds see it'
  static override description =
    'Works on any host with the same configuration: what runs is known by its tags.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --provider local --json',
  ]
  static override flags = { ...settingsFlags }

  async run(): Promise<{ instances: readonly InstanceJson[]; unknown: readonly string[] }> {
    const { flags } = await this.parse(InstancesList)
    const [{ listInstances }, { instanceJson, instanceTable }, { exitCodes }] = await Promise.all([
      import('../../operations/instances.ts'),
      import('../../views/instances.ts'),
      import('../../errors/index.ts'),
    ])
    const { instances, unknown, now } = await listInstances(await this.context(flags, 'nothing'))
    for (const line of instanceTable(instances, now)) this.log(line)
    for (const why of unknown) this.logToStderr(`Unknown, for it could not be listed: ${why}`)
    if (unknown.length > 0) this.setExitCode(exitCodes.unavailable)
    return { instances: instances.map(instanceJson), unknown }
  }
}
