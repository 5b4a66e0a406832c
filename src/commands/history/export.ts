import { Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import { sinceFlag, sinceOf } from '../../cli/since-flag.ts'
import type { HistoryJson } from '../../views/history.ts'

export default class HistoryExport extends FleetCommand {
  static override summary = 'Print what the journal keeps: machines, jobs and queues'
  static override description =
    'Each machine from the wish for it to its end, as this host has seen it, or with a coordinator any host. One JSON object a line, ' +
    'or all in one with --json; with --csv a line for each machine. It reads neither clouds nor the hub. ' +
    'How long it is kept says `history:` in the configuration.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --since 24h',
    '<%= config.bin %> <%= command.id %> --since 2026-11-01 --csv > november.csv',
    '<%= config.bin %> <%= command.id %> --json',
  ]
  static override flags = {
    since: sinceFlag,
    csv: Flags.boolean({ summary: 'Print comma-separated values', exclusive: ['json'] }),
    ...settingsFlags,
  }

  async run(): Promise<HistoryJson> {
    const { flags } = await this.parse(HistoryExport)
    const [{ readHistory }, { historyCsv, historyJson, historyLines }] = await Promise.all([
      import('../../operations/history.ts'),
      import('../../views/history.ts'),
    ])
    const context = await this.context(flags, 'nothing')
    const since = sinceOf(flags.since, context.effects.clock.now())
    const json = historyJson(await readHistory(context, since))
    for (const line of flags.csv ? historyCsv(json) : historyLines(json)) this.log(line)
    return json
  }
}
