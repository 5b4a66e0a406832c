import { FleetCommand } from '../../cli/fleet-command.ts'
import type { ProviderRow } from '../../operations/providers.ts'

export default class ProvidersList extends FleetCommand {
  static override summary = 'List installed and known providers'
  static override description =
    'With what each can do, from the metadata of the plugins alone: no code of any provider is loaded.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<{ providers: readonly ProviderRow[] }> {
    await this.parse(ProvidersList)
    const [{ listProviders }, { providerTable }] = await Promise.all([
      import('../../operations/providers.ts'),
      import('../../views/providers.ts'),
    ])
    const providers = listProviders(this.plugins)
    for (const line of providerTable(providers)) this.log(line)
    return { providers }
  }
}
