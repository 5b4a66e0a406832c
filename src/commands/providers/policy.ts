import { Args, Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import type { ProviderRights } from '../../operations/rights.ts'

export default class ProvidersPolicy extends FleetCommand {
  static override summary = 'Print the least rights that agentctl needs at a provider'
  static override description =
    'For what the configuration uses: its pools, their token buckets, and secrets that lie at the provider. The document ' +
    'goes to standard output, what to do with it to standard error. No call is made.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> aws >policy.json',
    '<%= config.bin %> <%= command.id %> aws --cache-bucket acme-cache',
  ]
  static override args = { provider: Args.string({ required: true, description: 'name of a provider' }) }
  static override flags = {
    'cache-bucket': Flags.string({
      summary: 'Also what `cache create`, `show` and `delete` need',
      helpValue: 'NAME',
    }),
    'cache-access': Flags.string({
      summary: 'How machines get to that cache',
      options: ['role', 'key', 'none'] as const,
      default: 'role',
    }),
  }

  async run(): Promise<ProviderRights> {
    const { flags, args } = await this.parse(ProvidersPolicy)
    const { rightsOf } = await import('../../operations/rights.ts')
    const { config, owner, verbose, 'cache-bucket': bucket, 'cache-access': access } = flags
    const context = await this.context({ config, owner, verbose }, 'nothing')
    const cache = bucket === undefined ? undefined : { bucket, access: access as 'role' | 'key' | 'none' }
    const rights = await rightsOf(context, args.provider, cache)
    if (!this.jsonEnabled()) this.say(rights.note)
    this.log(JSON.stringify(rights.document, null, 2))
    return rights
  }
}
