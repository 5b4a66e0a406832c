import { Flags } from '@oclif/core'
import { FleetCommand } from '../cli/fleet-command.ts'
import { settingsFlags } from '../cli/settings-flags.ts'
import type { TopJson } from '../views/top.ts'

/** Unit: milliseconds. */
const everyMs = 2_000

export default class Top extends FleetCommand {
  static override summary = 'Watch pools, machines, queues and waits, and which host looks after what'
  static override description =
    'Reads what was written down, with a coordinator by all hosts, else by this one; it asks neither clouds nor the hub. ' +
    'Drawn anew every 2 seconds on a terminal, until Ctrl-C; elsewhere, and with --once or --json, once.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --once',
    '<%= config.bin %> <%= command.id %> --json',
  ]
  static override flags = {
    once: Flags.boolean({ summary: 'Print it once' }),
    ...settingsFlags,
  }

  async run(): Promise<TopJson> {
    const { flags } = await this.parse(Top)
    const [{ openTop }, { topJson, topLines }, { drawLive, isDrawable }] = await Promise.all([
      import('../operations/top.ts'),
      import('../views/top.ts'),
      import('../cli/live.ts'),
    ])
    const context = await this.context(flags, 'nothing')
    await using looks = await openTop(context)
    let last = await looks.look()
    if (flags.once || this.jsonEnabled() || !isDrawable()) {
      for (const line of topLines(last)) this.log(line)
      return topJson(last)
    }
    const { clock } = context.effects
    const look = async () => {
      last = await looks.look()
      return topLines(last)
    }
    await drawLive({ clock, everyMs, look })
    return topJson(last)
  }
}
