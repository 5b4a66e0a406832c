import { Args } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import type { ProviderDetails } from '../../operations/providers.ts'

export default class ProvidersShow extends FleetCommand {
  static override summary = "Show a provider: what it can do, and what a pool's spec may hold"
  static override description = 'Loads the plugin of this provider and of no other, and calls no cloud.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> local',
    '<%= config.bin %> <%= command.id %> local --json',
  ]
  static override args = { provider: Args.string({ required: true, description: 'name of a provider' }) }

  async run(): Promise<ProviderDetails> {
    const { flags, args } = await this.parse(ProvidersShow)
    const [{ showProvider }, { providerLines }] = await Promise.all([
      import('../../operations/providers.ts'),
      import('../../views/providers.ts'),
    ])
    const details = await showProvider(await this.context(flags, 'nothing'), args.provider)
    for (const line of providerLines(details)) this.log(line)
    return details
  }
}
