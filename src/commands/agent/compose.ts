import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base.ts'
import { respawnFlags } from '../../cli/respawn-flags.ts'
import type { RespawnFile } from '../../operations/agent-respawn.ts'

export default class AgentCompose extends BaseCommand {
  static override summary = 'Print a Docker Compose file whose agent comes back clean after each job'
  static override description =
    'For one host without agentctl at work. The image needs bash, setpriv and the agent; the token stays with root.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --image acme/agent:1 --replicas 4 > compose.yaml',
  ]
  static override flags = {
    image: Flags.string({ summary: 'Image with the agent in it', required: true, helpValue: 'IMAGE' }),
    replicas: Flags.integer({ summary: 'Agents side by side', default: 1, min: 1, max: 1000 }),
    ...respawnFlags,
  }

  async run(): Promise<RespawnFile> {
    const { flags } = await this.parse(AgentCompose)
    const { respawnFile } = await import('../../operations/agent-respawn.ts')
    const { image, replicas, user } = flags
    const request = {
      form: 'compose',
      image,
      replicas,
      user,
      configFile: flags['config-yml'],
      agentPath: flags['agent-path'],
    } as const
    const made = await respawnFile(request, { flags: {}, ...this.surroundings })
    this.log(made.text.trimEnd())
    return made
  }
}
