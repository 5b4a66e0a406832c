import { Command, Flags, type Interfaces } from '@oclif/core'
import { settings } from '../../../agent/settings.ts'

/** The settings table as flags, for the help text; reading them is the agent's own work. */
const flags: Interfaces.FlagInput = {}
for (const { key, kind, help: description } of settings) {
  if (kind === 'flag') flags[key] = Flags.boolean({ description })
  else if (kind === 'list') flags[key] = Flags.string({ description, multiple: true })
  else flags[key] = Flags.string({ description })
}

export default class DevAgentStart extends Command {
  static override summary = 'Run a stand-in for the Semaphore agent.'
  static override description =
    'Takes the settings of the real agent, by flag, SEMAPHORE_AGENT_* variable or file, in this order, and behaves as it does: the same retries, messages and exit codes. It runs shell jobs only. For trying and testing, not for real work.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --config-file agent.yml',
    '<%= config.bin %> <%= command.id %> --config-file agent.yml --disconnect-after-job',
  ]
  static override strict = false
  static override flags: Interfaces.FlagInput = flags

  async run(): Promise<void> {
    const { main } = await import('../../../agent/main.ts')
    // Straight out: whatever a job left behind must not keep the agent alive.
    process.exit(await main(['start', ...this.argv]))
  }
}
