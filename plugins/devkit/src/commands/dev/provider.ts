import { join, resolve } from 'node:path'
import { Args, Command, Flags } from '@oclif/core'
import type { Written } from '../../cli/write-provider.ts'

export default class DevProvider extends Command {
  static override summary = 'Write a provider plugin for a cloud of your own.'
  static override description =
    'The plugin works as written: its cloud is in memory, and its conformance suite passes. Put calls of your cloud where the one in memory is, file by file, and keep the suite green. docs/writing-a-provider.md goes through it.'
  static override examples = [
    {
      description: 'A plugin for the provider nimbus, in ./agentctl-provider-nimbus',
      command: '<%= config.bin %> <%= command.id %> nimbus',
    },
    {
      description: 'In a folder of your choice',
      command: '<%= config.bin %> <%= command.id %> nimbus --folder ~/src/nimbus',
    },
  ]
  static override enableJsonFlag = true
  static override args = {
    name: Args.string({ required: true, description: 'name of the provider: a-z, 0-9 and dashes' }),
  }
  static override flags = {
    folder: Flags.string({ description: 'Folder to write, new or empty.', helpValue: 'DIR' }),
  }

  async run(): Promise<Written> {
    const { args, flags } = await this.parse(DevProvider)
    const folder = resolve(flags.folder ?? `agentctl-provider-${args.name}`)
    const { writeProvider } = await import('../../cli/write-provider.ts')
    // Asked of oclif, since the file of this command may have been bundled into another.
    const root = this.config
      .getPluginsList()
      .find(({ commandIDs }) => commandIDs.includes('dev:provider'))?.root
    const outcome = writeProvider(join(root ?? this.config.root, 'template'), folder, args.name)
    if (!outcome.ok) {
      if (this.jsonEnabled()) this.error(outcome.message, { exit: 2, suggestions: [outcome.hint] })
      // Not this.error, which breaks lines: a path must stay whole.
      for (const line of [`Error: ${outcome.message}`, `Try: ${outcome.hint}`]) this.logToStderr(line)
      return this.exit(2)
    }
    this.log(`${outcome.files.length} files of the provider ${args.name} are in ${folder}`)
    this.log('Next:')
    for (const step of [
      `cd ${folder}`,
      'npm install',
      'npm test',
      `${this.config.bin} plugins link .`,
      `${this.config.bin} providers show ${args.name}`,
    ])
      this.log(`  ${step}`)
    return { folder: outcome.folder, files: outcome.files }
  }
}
