import { Args, Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'

export default class InstancesConsole extends FleetCommand {
  static override summary = "Print the end of an instance's console"
  static override description =
    'At most 64 KiB, as the cloud has kept it; some clouds keep it after the power-off. What looks like a secret is taken out.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> INSTANCE',
    '<%= config.bin %> <%= command.id %> JOB --follow',
  ]
  static override args = {
    instance: Args.string({ required: true, description: 'id of an instance, its agent or its job' }),
  }
  static override flags = {
    follow: Flags.boolean({ char: 'f', summary: 'Go on with what comes, until the instance is gone' }),
    ...settingsFlags,
  }

  async run(): Promise<{ console: string }> {
    const { flags, args } = await this.parse(InstancesConsole)
    const { readInstanceConsole, followInstanceConsole } = await import(
      '../../operations/instance-console.ts'
    )
    const { redact } = await import('../../errors/index.ts')
    const context = await this.context(flags, 'nothing')
    if (!flags.follow) {
      const console = redact(await readInstanceConsole(context, args.instance))
      this.log(console.trimEnd())
      return { console }
    }
    const { exitOfSignal, stopBySignal } = await import('../../cli/stop.ts')
    using stop = stopBySignal('drain', () => undefined)
    let console = ''
    const onText = (text: string) => {
      const shown = redact(text)
      if (this.jsonEnabled()) console += shown
      else this.write(shown)
    }
    await followInstanceConsole(context, args.instance, { onText, wake: stop.wake })
    const signal = stop.signal()
    if (signal) this.setExitCode(exitOfSignal(signal))
    return { console }
  }
}
