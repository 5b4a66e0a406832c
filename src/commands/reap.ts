import { Flags } from '@oclif/core'
import { FleetCommand } from '../cli/fleet-command.ts'
import { settingsFlags } from '../cli/settings-flags.ts'
import { shareFlag } from '../cli/share-flag.ts'
import type { ReapJson } from '../views/reap.ts'

export default class Reap extends FleetCommand {
  static override summary = 'End what has no right to live any more'
  static override description =
    'Ends expired, stopped and failed instances, and other resources whose instance is gone, in every scope that was ' +
    'ever used. An instance within its deadlines is never touched. What runs is looked at twice before it is ended.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --max 50 --json',
  ]
  static override flags = {
    max: Flags.integer({ summary: 'Resources ended in one run', min: 1, default: 1000 }),
    'freeze-share': shareFlag({
      summary: 'Of ten or more running instances, no more than this share is ended in one run',
      default: 0.5,
    }),
    'dry-run': Flags.boolean({ summary: 'Say what would be ended, and why; end nothing' }),
    ...settingsFlags,
  }

  async run(): Promise<ReapJson> {
    const { flags } = await this.parse(Reap)
    const [{ reap }, { reapJson, reapLines }] = await Promise.all([
      import('../operations/reap.ts'),
      import('../views/reap.ts'),
    ])
    const dryRun = flags['dry-run']
    const reaped = await reap(await this.context(flags, 'nothing'), {
      dryRun,
      max: flags.max,
      freezeShare: flags['freeze-share'],
    })
    for (const line of reapLines(reaped, dryRun)) this.log(line)
    const json = reapJson(reaped, dryRun)
    this.setExitCode(json.exit)
    return json
  }
}
