import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base.ts'
import { respawnFlags } from '../../cli/respawn-flags.ts'
import type { RespawnFile } from '../../operations/agent-respawn.ts'

export default class AgentUnit extends BaseCommand {
  static override summary = 'Print a systemd unit whose agent comes back after each job'
  static override description =
    'With --image each job gets a new container; without, a new process on the host. A template: ' +
    'systemctl enable --now semaphore-agent@1 semaphore-agent@2'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --image acme/agent:1 > semaphore-agent@.service',
    '<%= config.bin %> <%= command.id %> --user ci',
  ]
  static override flags = {
    image: Flags.string({ summary: 'Image with the agent in it', helpValue: 'IMAGE' }),
    ...respawnFlags,
  }

  async run(): Promise<RespawnFile> {
    const { flags } = await this.parse(AgentUnit)
    const { respawnFile } = await import('../../operations/agent-respawn.ts')
    const { image, user } = flags
    const request = {
      form: 'unit',
      image,
      replicas: 1,
      user,
      configFile: flags['config-yml'],
      agentPath: flags['agent-path'],
    } as const
    const made = await respawnFile(request, { flags: {}, ...this.surroundings })
    this.log(made.text.trimEnd())
    return made
  }
}
