import { FleetCommand } from '../../cli/fleet-command.ts'
import { settingsFlags } from '../../cli/settings-flags.ts'
import type { HostJson } from '../../views/hosts.ts'

export default class HostsList extends FleetCommand {
  static override summary = 'List the hosts that share a coordinator, and what each of them does'
  static override description =
    'Alive is who was heard of in the last few seconds; who is gone is listed for a day. A work is a group of pools that ' +
    'one host at a time looks after; `*` is what belongs to no pool of the configuration.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --coordinator env:AGENTCTL_COORDINATOR_URL --json',
  ]
  static override flags = { ...settingsFlags }

  async run(): Promise<{ hosts: readonly HostJson[]; free: readonly string[] }> {
    const { flags } = await this.parse(HostsList)
    const [{ listHosts }, { freeLines, hostJson, hostTable }] = await Promise.all([
      import('../../operations/hosts.ts'),
      import('../../views/hosts.ts'),
    ])
    const { hosts, free, now } = await listHosts(await this.context(flags, 'nothing'))
    for (const line of [...hostTable(hosts, now), ...freeLines(free)]) this.log(line)
    return { hosts: hosts.map(hostJson), free }
  }
}
