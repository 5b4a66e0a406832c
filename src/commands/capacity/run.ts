import { Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import { leaveUnlessIdle } from '../../effects/process.ts'
import type { CapacityTick } from '../../operations/capacity.ts'
import type { CapacityJson } from '../../views/capacity.ts'

export default class CapacityRun extends FleetCommand {
  static override summary = 'Launch what queued jobs need and end what is over: once, or for a while'
  static override description =
    'Made for cron: one look at the hub and the clouds, what follows from it, and a line for each pool. ' +
    'Runs may overlap; each look holds the lock of its owner. A run that is killed leaves nothing undone that the next one does not do.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --for 55s --quiet',
    '<%= config.bin %> <%= command.id %> --pool linux-spot',
    '<%= config.bin %> <%= command.id %> --json',
  ]
  static override flags = {
    for: Flags.string({ summary: 'Go on for so long; once without it', helpValue: 'DURATION' }),
    deadline: Flags.string({
      summary: 'End by then, whatever hangs; 2 minutes more than --for without it',
      helpValue: 'DURATION',
    }),
    'metrics-file': Flags.string({
      summary: 'File for the textfile collector of Prometheus, with what /metrics of `serve` has',
      helpValue: 'FILE',
    }),
    quiet: Flags.boolean({ summary: 'Print nothing when nothing was done and nothing is wrong' }),
    ...settingsFlags,
  }

  async run(): Promise<CapacityJson> {
    const { flags } = await this.parse(CapacityRun)
    const [
      { meteredRun },
      { capacityTimes, poolFlag },
      { capacityJson },
      { capacityLines },
      { exitOfSignal, stopBySignal },
    ] = await Promise.all([
      import('../../cli/metrics/metered-run.ts'),
      import('../../cli/capacity-request.ts'),
      import('../../views/capacity.ts'),
      import('../../views/capacity-lines.ts'),
      import('../../cli/stop.ts'),
    ])
    const warnings: string[] = []
    const context = await this.context(flags, 'everything', line =>
      flags.verbose ? this.say(line) : warnings.push(line),
    )
    using stop = stopBySignal('drain', line => this.say(line))
    const seen: { json?: CapacityJson; last?: CapacityTick } = {}
    await meteredRun(context, flags['metrics-file'], {
      only: poolFlag(flags),
      ...capacityTimes(flags),
      wake: stop.wake,
      onTick(tick) {
        seen.json = capacityJson(tick, seen.json)
        seen.last = tick
      },
    })
    leaveUnlessIdle()
    const { json, last } = seen
    if (!json || !last) throw new RangeError('There was no tick')
    const signal = stop.signal()
    const exit = signal && json.exit === 0 ? exitOfSignal(signal) : json.exit
    this.setExitCode(exit)
    if (json.exit !== 0 && !last.fatal) this.tell(warnings)
    for (const line of capacityLines(json, flags.quiet)) this.log(line)
    if (last.fatal) throw last.fatal
    return { ...json, exit }
  }

  /** What went wrong on the way, each thing once. */
  private tell(lines: readonly string[]): void {
    for (const line of new Set(lines.filter(one => one.startsWith('warning: ')))) this.say(line)
  }
}
