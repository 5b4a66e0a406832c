import { FleetCommand } from '../../cli/fleet-command.ts'
import type { ProviderRow } from '../../operations/providers.ts'

export default class ProvidersList extends FleetCommand {
  static override summary = 'List installed and known providers'
  static override description = 'From the metadata of the plugins alone: no code of any provider is loaded.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<{ providers: readonly ProviderRow[] }> {
    await this.parse(ProvidersList)
    const [{ listProviders }, { table }] = await Promise.all([
      import('../../operations/providers.ts'),
      import('../../views/table.ts'),
    ])
    const providers = listProviders(this.plugins)
    const rows = providers.map(({ provider, plugin, version, install }) => [
      provider,
      plugin,
      version ?? 'not installed',
      install ?? '',
    ])
    for (const line of table(['PROVIDER', 'PLUGIN', 'VERSION', 'INSTALL WITH'], rows)) this.log(line)
    return { providers }
  }
}
