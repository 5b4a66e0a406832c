import { Flags } from '@oclif/core'
import { agentFlags } from '../cli/agent-flags.ts'
import { FleetCommand } from '../cli/fleet-command.ts'
import { withHold } from '../cli/hold-flag.ts'
import { settingsFlags } from '../cli/settings-flags.ts'
import type { ProvisionJson } from '../views/provision-summary.ts'

export default class Provision extends FleetCommand {
  static override summary = 'Give each queued job a fresh instance, and wait until all are gone'
  static override description =
    'Launches an instance for each job that is queued now, waits until its agent has disconnected, and ends it. ' +
    'Ctrl-C once stops launching and leaves running jobs alone; twice leaves at once. Every machine ends by itself at its deadline.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --provider local --endpoint acme.semaphoreci.com',
    '<%= config.bin %> <%= command.id %> --pool linux-spot --concurrency 20',
    '<%= config.bin %> <%= command.id %> --count 3 --detach',
    '<%= config.bin %> <%= command.id %> --hold-on-failure 15m',
  ]
  static override flags = {
    jobs: Flags.string({
      summary: '`queued`, or ids of jobs',
      helpValue: 'queued|ID',
      multiple: true,
      multipleNonGreedy: true,
      exclusive: ['count'],
    }),
    count: Flags.integer({ summary: 'Instances that take any job of the type', min: 1, max: 10_000 }),
    concurrency: Flags.integer({
      summary: 'Instances alive at once for this command',
      min: 1,
      max: 10_000,
      default: 10,
    }),
    detach: Flags.boolean({ summary: 'Leave when everything is launched; `reap` or cron does the rest' }),
    terminate: Flags.boolean({ summary: 'Ctrl-C also ends instances whose jobs run' }),
    patience: Flags.string({
      summary: 'How long nothing may happen before the rest is given up',
      default: '30m',
      helpValue: 'DURATION',
    }),
    ...settingsFlags,
    ...agentFlags,
  }

  async run(): Promise<ProvisionJson> {
    const { flags } = await this.parse(Provision, withHold(this.argv))
    const [
      { provision },
      { provisionRequest },
      { provisionJson, provisionSummary },
      { openProgress },
      { exitOfSignal, stopBySignal },
    ] = await Promise.all([
      import('../operations/provision.ts'),
      import('../cli/provision-request.ts'),
      import('../views/provision-summary.ts'),
      import('../cli/progress.ts'),
      import('../cli/stop.ts'),
    ])
    const progress = await openProgress(this.isTerminal, line => this.say(line))
    const context = await this.context(flags, 'everything', progress.write)
    using stop = stopBySignal(flags.terminate ? 'end' : 'drain', progress.write)
    const request = provisionRequest(flags, context.settings)
    const result = await provision(context, {
      ...request,
      intent: stop.intent,
      wake: stop.wake,
      onTick: progress.show,
    }).finally(progress.end)

    const json = provisionJson(result, flags.detach)
    const signal = stop.signal()
    const exit = json.exit === 20 || !signal ? json.exit : exitOfSignal(signal)
    this.setExitCode(exit)
    for (const line of provisionSummary(json, context.settings.owner)) this.log(line)
    if (result.stoppedBy) throw result.stoppedBy
    return { ...json, exit }
  }
}
