import { agentFlags } from '../cli/agent-flags.ts'
import { FleetCommand } from '../cli/fleet-command.ts'
import { withHold } from '../cli/hold-flag.ts'
import { provisionFlags } from '../cli/provision-flags.ts'
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
    ...provisionFlags,
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
      { ensureProviders },
    ] = await Promise.all([
      import('../operations/provision.ts'),
      import('../cli/provision-request.ts'),
      import('../views/provision-summary.ts'),
      import('../cli/progress.ts'),
      import('../cli/stop.ts'),
      import('../cli/ensure-providers.ts'),
    ])
    const progress = await openProgress(this.isTerminal, line => this.say(line))
    const opened = await this.context(flags, 'everything', progress.write)
    const request = provisionRequest(flags, opened.settings)
    const { pools } = request
    const say = (line: string) => this.say(line)
    const context = await ensureProviders({
      config: this.config,
      context: opened,
      pools,
      isTold: flags.install,
      say,
    })
    using stop = stopBySignal(flags.terminate ? 'end' : 'drain', progress.write)
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
