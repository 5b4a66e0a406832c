import { Flags } from '@oclif/core'
import { agentFlags } from '../cli/agent-flags.ts'
import { FleetCommand } from '../cli/fleet-command.ts'
import { settingsFlags } from '../cli/settings-flags.ts'
import type { DoctorJson } from '../views/doctor.ts'

export default class Doctor extends FleetCommand {
  static override summary = 'Look for what is wrong, and say how to mend it'
  static override description =
    'Endpoint, tokens, credentials, rights, image, quota, clocks, versions: by reads alone. A pool’s cache is tried by ' +
    'one object that is deleted again, and its token bucket by the token. With --launch-probe it also ' +
    'launches one machine of each pool that does nothing, ends it and sees it gone, which shows the rights that reads cannot.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --pool linux-spot --launch-probe',
    '<%= config.bin %> <%= command.id %> --json',
  ]
  static override flags = {
    'launch-probe': Flags.boolean({
      summary: 'Launch a machine of each pool for a moment; it costs a minute',
    }),
    ...settingsFlags,
    ...agentFlags,
  }

  async run(): Promise<DoctorJson> {
    const { flags } = await this.parse(Doctor)
    const [{ doctor }, { doctorJson, doctorLines }, { stopBySignal }] = await Promise.all([
      import('../operations/doctor.ts'),
      import('../views/doctor.ts'),
      import('../cli/stop.ts'),
    ])
    const context = await this.context(flags, 'everything')
    using stop = stopBySignal('end', line => this.say(line))
    const checks = await doctor(context, {
      pool: typeof flags.pool === 'string' ? flags.pool : undefined,
      isProbing: flags['launch-probe'],
      wake: stop.wake,
    })
    const json = doctorJson(checks)
    for (const line of doctorLines(json)) this.log(line)
    this.setExitCode(json.exit)
    return json
  }
}
