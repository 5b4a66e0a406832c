import { Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import type { InstallFile } from '../../operations/install/types.ts'

const kinds = ['cron', 'systemd', 'kubernetes'] as const

/** Hosts that share a coordinator on Kubernetes, unless it is said. */
const hostsDefault = 2

export default class CapacityInstall extends FleetCommand {
  static override summary = 'Print a crontab, systemd units or a manifest that run capacity'
  static override description = 'It prints, and installs nothing. Each file is headed by where it belongs.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --cron > /etc/cron.d/agentctl',
    '<%= config.bin %> <%= command.id %> --systemd',
    '<%= config.bin %> <%= command.id %> --systemd --serve',
    '<%= config.bin %> <%= command.id %> --kubernetes --image agentctl:1 >agentctl.yaml',
    '<%= config.bin %> <%= command.id %> --kubernetes --serve --image agentctl:1',
  ]
  static override flags = {
    cron: Flags.boolean({ summary: 'A file for /etc/cron.d', exactlyOne: [...kinds] }),
    systemd: Flags.boolean({ summary: 'A service and a timer' }),
    kubernetes: Flags.boolean({ summary: 'A CronJob with a volume for the journal', dependsOn: ['image'] }),
    serve: Flags.boolean({
      summary:
        'What runs for good: a service in place of the timer, a Deployment of hosts in place of the CronJob',
      exclusive: ['cron'],
    }),
    hosts: Flags.integer({
      summary: `Pods of the Deployment, which share a coordinator (default: ${hostsDefault})`,
      helpValue: 'N',
      min: 1,
      max: 100,
      dependsOn: ['kubernetes', 'serve'],
    }),
    user: Flags.string({ summary: 'User that it runs as', default: 'agentctl', helpValue: 'NAME' }),
    'variables-file': Flags.string({
      summary: 'File with the secrets as NAME=value lines',
      default: '/etc/agentctl/env',
      helpValue: 'PATH',
    }),
    image: Flags.string({ summary: 'Container image with agentctl in its PATH', helpValue: 'IMAGE' }),
    namespace: Flags.string({ summary: 'Kubernetes namespace', default: 'default', helpValue: 'NAME' }),
    ...settingsFlags,
  }

  async run(): Promise<{ readonly files: readonly InstallFile[] }> {
    const { flags } = await this.parse(CapacityInstall)
    const [{ installFiles }, { programOf }] = await Promise.all([
      import('../../operations/install/index.ts'),
      import('../../cli/program.ts'),
    ])
    const [once, forGood] = flags.kubernetes
      ? (['kubernetes', 'hosts'] as const)
      : (['timer', 'serve'] as const)
    const files = await installFiles(await this.context(flags, 'everything'), {
      kind: flags.cron ? 'cron' : flags.serve ? forGood : once,
      program: programOf(),
      user: flags.user,
      envFile: flags['variables-file'],
      image: flags.image ?? '',
      namespace: flags.namespace,
      hosts: flags.hosts ?? hostsDefault,
    })
    for (const { path, text } of files) this.log(files.length > 1 ? `# ${path}\n${text}` : text.trimEnd())
    return { files }
  }
}
