import type { HostSeen } from '@agentctl/contract'
import type { Context } from './context.ts'
import { type Check, clockCheck, looked } from './doctor-check.ts'
import { openCoordinator } from './open-coordinator.ts'

const area = 'coordinator'

/** What the hosts share can be reached, with this address, by this version, and their clocks agree. */
export async function checkCoordinator(context: Context): Promise<readonly Check[]> {
  if (!context.settings.coordinator) return []
  const { check, value } = await looked(
    area,
    'address',
    async () => {
      await using coordinator = await openCoordinator(context)
      return { hosts: await coordinator.hosts(), now: context.effects.clock.now() }
    },
    ({ hosts }) => `answers; ${hosts.filter(({ isAlive }) => isAlive).length} hosts are alive`,
  )
  if (!value) return [check]
  const alive = value.hosts.filter(({ isAlive }) => isAlive)
  return [check, ...versionChecks(alive, context.version), ...clockChecks(alive, value.now)]
}

/** Old and new may work side by side while hosts are updated one after the other, but not for good. */
function versionChecks(alive: readonly HostSeen[], version: string): readonly Check[] {
  const others = alive.filter(host => host.version !== version)
  if (others.length === 0) return []
  const message = `${others.map(one => `${one.host} has ${one.version}`).join(', ')}; this host has ${version}`
  return [
    { area, level: 'warning', subject: 'versions', message, fix: 'Bring all hosts to the same version.' },
  ]
}

/** Who is alive was heard of a moment ago, by the coordinator's clock: that is what it shows, but for seconds. */
function clockChecks(alive: readonly HostSeen[], now: number): readonly Check[] {
  if (alive.length === 0) return []
  const heardAt = Math.max(...alive.map(({ seenAt }) => seenAt))
  return [clockCheck(area, 'the coordinator', heardAt - now), ...alive.flatMap(clockOf)]
}

/** Decisions go by the coordinator's clock; clouds still refuse requests that are signed by a wrong one. */
function clockOf({ host, aheadMs }: HostSeen): readonly Check[] {
  if (Math.abs(aheadMs) < notedMs) return []
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  const message = `it is ${seconds} s ${aheadMs > 0 ? 'behind' : 'ahead of'} that of the coordinator`
  const fix = `Let ${host} keep its time by NTP, such as by systemd-timesyncd or chrony.`
  return [{ area, level: 'warning', subject: `clock of ${host}`, message, fix }]
}

/** Unit: milliseconds. */
const notedMs = 30_000
