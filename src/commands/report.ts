import { Flags } from '@oclif/core'
import { FleetCommand } from '../cli/fleet-command.ts'
import { settingsFlags } from '../cli/settings-flags.ts'
import { sinceFlag, sinceOf } from '../cli/since-flag.ts'
import type { ReportJson } from '../views/report/json.ts'

export default class Report extends FleetCommand {
  static override summary = 'Tell what ran: waits, phases, failures, machine-minutes, cost'
  static override description =
    "Reads this host's journal, or with a coordinator that of all hosts, neither clouds nor the hub. With --html it writes one page that needs no network. " +
    'Costs need `prices:` in the configuration, or a provider that tells its own.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --since 24h',
    '<%= config.bin %> <%= command.id %> --html report.html',
    '<%= config.bin %> <%= command.id %> --since 2026-11-01 --csv > november.csv',
  ]
  static override flags = {
    since: sinceFlag,
    csv: Flags.boolean({ summary: 'Print comma-separated values, a figure a line', exclusive: ['json'] }),
    html: Flags.string({ summary: 'Write a page with charts', helpValue: 'FILE' }),
    ...settingsFlags,
  }

  async run(): Promise<ReportJson> {
    const { flags } = await this.parse(Report)
    const [{ report }, { reportJson }] = await Promise.all([
      import('../operations/report.ts'),
      import('../views/report/json.ts'),
    ])
    const context = await this.context(flags, 'nothing')
    const since = sinceOf(flags.since, context.effects.clock.now())
    const { owner, figures } = await report(context, since)
    if (flags.html !== undefined) {
      const [{ reportPage }, { writeFile }] = await Promise.all([
        import('../views/report/page.ts'),
        import('../cli/write-file.ts'),
      ])
      writeFile(flags.html, reportPage(figures, owner))
      this.logToStderr(`Written: ${flags.html}`)
    }
    if (flags.csv) {
      const { reportCsv } = await import('../views/report/csv.ts')
      for (const line of reportCsv(figures)) this.log(line)
    } else if (flags.html === undefined) {
      const { reportLines } = await import('../views/report/text.ts')
      for (const line of reportLines(figures, owner)) this.log(line)
    }
    return reportJson(figures, owner)
  }
}
