import { Args, Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import type { Draining } from '../../operations/hosts.ts'

export default class HostsDrain extends FleetCommand {
  static override summary = 'Have a host give back what it does, for others to take it up'
  static override description =
    'Before a host is updated or switched off. Its machines run on, and whoever takes up their pool looks after them. ' +
    'It takes nothing up, also after a restart, until `hosts resume`.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> ci-1',
    '<%= config.bin %> <%= command.id %> ci-1 --wait 2m',
  ]
  static override args = { host: Args.string({ required: true, description: 'name of a host' }) }
  static override flags = {
    wait: Flags.string({ summary: 'Wait for so long until it holds nothing', helpValue: 'DURATION' }),
    ...settingsFlags,
  }

  async run(): Promise<Draining> {
    const { flags, args } = await this.parse(HostsDrain)
    const [{ drainHost }, { heldLine }, { durationFlag }] = await Promise.all([
      import('../../operations/hosts.ts'),
      import('../../views/hosts.ts'),
      import('../../cli/duration-flag.ts'),
    ])
    const isWaiting = flags.wait !== undefined
    const waitMs = flags.wait === undefined ? undefined : durationFlag('wait', flags.wait)
    const { host } = args
    const drained = await drainHost(await this.context(flags, 'nothing'), {
      host,
      waitMs,
      onHeld: works => isWaiting && this.say(heldLine(host, works)),
    })
    const what = drained.works.length === 0 ? 'holds nothing' : `gives back ${drained.works.join(', ')}`
    this.log(`${host} ${what}, and takes nothing up until: agentctl hosts resume ${host}`)
    return drained
  }
}
