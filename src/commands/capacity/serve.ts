import { Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'

export default class CapacityServe extends FleetCommand {
  static override summary = 'The same as `capacity run`, again and again until a signal'
  static override description =
    'Looks every 2 seconds while something is under way, every 5 while all is quiet. SIGHUP, or a change of the ' +
    'configuration file, loads it anew; one that is wrong is refused, and the old one goes on. SIGTERM ends it after ' +
    'the look under way: machines that run go on, and the next controller finds them. So does a closed terminal. ' +
    'A page shows pools, queue, machines and breakers as they change; it is read-only. ' +
    'With a coordinator any number of hosts do this together, each for its share of the pools.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --listen 0.0.0.0:9464 --page-token file:page-token',
    '<%= config.bin %> <%= command.id %> --listen none',
  ]
  static override flags = {
    listen: Flags.string({
      summary: 'Where the page, /metrics and /healthz are answered, or `none`',
      default: '127.0.0.1:9464',
      helpValue: 'HOST:PORT',
    }),
    'page-token': Flags.string({
      summary:
        'Token that the page asks for, as a reference such as env:NAME; where others reach it, it needs one',
      helpValue: 'REF',
    }),
    ...settingsFlags,
  }

  async run(): Promise<{ readonly stopped: true }> {
    const { flags } = await this.parse(CapacityServe)
    const [{ capacityServe }, { serveOnCoordinator }, { openServing }, { poolFlag }] = await Promise.all([
      import('../../operations/capacity-serve.ts'),
      import('../../operations/together/serve-together.ts'),
      import('../../cli/serving.ts'),
      import('../../cli/capacity-request.ts'),
    ])
    const load = () => this.context(flags, 'everything')
    const context = await load()
    const say = (line: string) => this.say(line)
    await using serving = await openServing(context, {
      only: poolFlag(flags),
      address: flags.listen,
      pageToken: flags['page-token'],
      isOnTerminal: this.isOnTerminal,
      load,
      say,
    })
    const serve = context.settings.coordinator ? serveOnCoordinator : capacityServe
    await serve(serving.watched(context), serving)
    return { stopped: true }
  }
}
