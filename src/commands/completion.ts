import { Args } from '@oclif/core'
import { BaseCommand } from '../cli/base.ts'

export default class Completion extends BaseCommand {
  static override summary = 'Print the completion script of a shell'
  static override description =
    'Completes commands, flags and their values, and the names of pools, agent types, providers and instances, as the ' +
    'configuration and the clouds have them at that moment.'
  static override examples = [
    {
      description: 'Bash, in ~/.bashrc',
      command: 'source <(<%= config.bin %> <%= command.id %> bash)',
    },
    {
      description: 'Zsh, in ~/.zshrc after compinit',
      command: 'source <(<%= config.bin %> <%= command.id %> zsh)',
    },
    {
      description: 'Fish, once',
      command: '<%= config.bin %> <%= command.id %> fish >~/.config/fish/completions/<%= config.bin %>.fish',
    },
  ]
  static override args = {
    shell: Args.string({
      required: true,
      options: ['bash', 'zsh', 'fish'],
      description: 'shell to complete in',
    }),
  }

  async run(): Promise<{ script: string }> {
    const { args } = await this.parse(Completion)
    const { completionScripts } = await import('../cli/completion/scripts.ts')
    const script = completionScripts[args.shell as keyof typeof completionScripts]
    this.log(script.trimEnd())
    return { script }
  }
}
