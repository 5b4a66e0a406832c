import { Args, Flags } from '@oclif/core'
import { FleetCommand } from '../cli/fleet-command.ts'
import { settingsFlags } from '../cli/settings-flags.ts'
import type { WayJson } from '../views/way.ts'

export default class Explain extends FleetCommand {
  static override summary = "Tell one job's way: queue, decision, cloud, boot, registration, end"
  static override description =
    "From this host's journal, or with a coordinator that of all hosts, with the reason of every wait. Of a job that still waits, the hub and the clouds are asked " +
    'what stands in its way now; nothing is changed.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> JOB',
    '<%= config.bin %> <%= command.id %> 3f2a91c0 --json',
  ]
  static override args = {
    job: Args.string({ required: true, description: 'id of a job, or how it begins' }),
  }
  static override flags = {
    look: Flags.boolean({
      summary: 'Ask hub and clouds about a job that waits',
      default: true,
      allowNo: true,
    }),
    ...settingsFlags,
  }

  async run(): Promise<WayJson> {
    const { flags, args } = await this.parse(Explain)
    const [{ explain }, { wayLines }] = await Promise.all([
      import('../operations/explain.ts'),
      import('../views/way.ts'),
    ])
    const context = await this.context(flags, 'nothing')
    const way = await explain(context, args.job, { isLooking: flags.look })
    for (const line of wayLines(way)) this.log(line)
    if (way.state === 'unknown') this.setExitCode(2)
    return way
  }
}
