import { Flags } from '@oclif/core'
import { agentFlags } from '../../cli/agent-flags.ts'
import { BaseCommand } from '../../cli/base.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import type { ShownConfig } from '../../operations/config-show.ts'

export default class ConfigShow extends BaseCommand {
  static override summary = 'Show the effective configuration'
  static override description =
    'File, variables and flags as one: a flag goes over its variable, and that over the file. Secrets are shown as references.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --explain',
    '<%= config.bin %> <%= command.id %> --provider local --endpoint acme.semaphoreci.com --json',
  ]
  static override flags = {
    explain: Flags.boolean({ summary: 'Say where each value came from' }),
    ...settingsFlags,
    ...agentFlags,
  }

  async run(): Promise<ShownConfig> {
    const { flags } = await this.parse(ConfigShow)
    const { showConfig } = await import('../../operations/config-show.ts')
    const shown = await showConfig({ flags, ...this.surroundings })
    if (flags.explain) this.explain(shown)
    else if (!this.jsonEnabled()) {
      const { stringify } = await import('yaml')
      this.log(stringify(shown.config).trimEnd())
    }
    return shown
  }

  private explain({ file, explained }: ShownConfig): void {
    this.log(`Configuration file: ${file ?? 'none'}`)
    const rows = explained.map(
      ({ key, value, source, where }) => [key, JSON.stringify(value), source, where] as const,
    )
    const widthOf = (column: 0 | 1 | 2) => Math.max(0, ...rows.map(row => row[column].length))
    const [keys, values, sources] = [widthOf(0), widthOf(1), widthOf(2)]
    for (const [key, value, source, where] of rows) {
      this.log(`${key.padEnd(keys)}  ${value.padEnd(values)}  ${source.padEnd(sources)}  ${where}`)
    }
  }
}
