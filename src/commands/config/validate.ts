import { agentFlags } from '../../cli/agent-flags.ts'
import { BaseCommand } from '../../cli/base.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import type { ValidConfig } from '../../operations/config-validate.ts'

export default class ConfigValidate extends BaseCommand {
  static override summary = 'Check the configuration'
  static override description =
    'Reports every problem at once, with its file, line and column, and exits with 2 when there is one. Reads no secret and calls no cloud.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --config ci/agentctl.yml --json',
  ]
  static override flags = { ...settingsFlags, ...agentFlags }

  async run(): Promise<ValidConfig> {
    const { flags } = await this.parse(ConfigValidate)
    const { validateConfig } = await import('../../operations/config-validate.ts')
    const valid = await validateConfig({ flags, ...this.surroundings })
    const { file, owner, agentTypes, pools } = valid
    this.log(`${file ?? 'The configuration'} is valid`)
    this.log(`owner ${owner}, agent types ${agentTypes.join(', ')}, pools ${pools.join(', ')}`)
    return valid
  }
}
