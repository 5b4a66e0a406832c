import { Args, Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'

export default class InstancesConnect extends FleetCommand {
  static override summary = 'Print, or run, the way onto an instance'
  static override description =
    "A command of the cloud's own tools, such as a session of SSM, ssh through Identity-Aware Proxy, a serial console, or " +
    '`docker exec`; they log in with your own credentials. What it needs is said beside it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> INSTANCE',
    '<%= config.bin %> <%= command.id %> JOB --run',
  ]
  static override args = {
    instance: Args.string({ required: true, description: 'id of an instance, its agent or its job' }),
  }
  static override flags = { run: Flags.boolean({ summary: 'Run it here' }), ...settingsFlags }

  async run(): Promise<{ id: string; command: readonly string[]; note: string | null }> {
    const { flags, args } = await this.parse(InstancesConnect)
    const [{ connectTo }, { runHere }, { typed }] = await Promise.all([
      import('../../operations/instance-connect.ts'),
      import('../../effects/run-here.ts'),
      import('../../views/connect.ts'),
    ])
    const { id, command, note = null } = await connectTo(await this.context(flags, 'nothing'), args.instance)
    if (note !== null) this.say(note)
    if (!flags.run) this.log(typed(command))
    else this.setExitCode(await runHere(command))
    return { id, command, note }
  }
}
