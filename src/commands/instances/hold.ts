import { Args, Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import type { Held } from '../../operations/instance-hold.ts'

export default class InstancesHold extends FleetCommand {
  static override summary = 'Keep an instance from being ended while you look at it'
  static override description =
    'No controller and no `reap` ends it before then, on any host: the hold is written on the machine. It is never held past ' +
    'the deadline that it was launched with, counts against its pool, and is ended as always afterwards. A guest that powers ' +
    "itself off is not stopped from it; for that, set the pool's hold-on-failure before the launch."
  static override examples = [
    '<%= config.bin %> <%= command.id %> INSTANCE --for 30m',
    '<%= config.bin %> <%= command.id %> JOB --for 2h --json',
  ]
  static override args = {
    instance: Args.string({ required: true, description: 'id of an instance, its agent or its job' }),
  }
  static override flags = {
    for: Flags.string({ summary: 'How long, from now', default: '1h', helpValue: 'DURATION' }),
    ...settingsFlags,
  }

  async run(): Promise<Held> {
    const { flags, args } = await this.parse(InstancesHold)
    const [{ holdInstance }, { durationFlag }] = await Promise.all([
      import('../../operations/instance-hold.ts'),
      import('../../cli/duration-flag.ts'),
    ])
    const forMs = durationFlag('for', flags.for)
    const held = await holdInstance(await this.context(flags, 'nothing'), args.instance, forMs)
    const until = new Date(held.holdUntil).toISOString()
    this.log(`${held.id} is held until ${until}; release it sooner: agentctl instances release ${held.id}`)
    if (held.isCut) {
      this.log('That is its own deadline, which no hold can move: it is sooner than you asked for.')
    }
    return held
  }
}
