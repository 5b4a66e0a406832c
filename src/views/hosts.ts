import type { HostSeen } from '@agentctl/contract'
import { stateOf } from '../operations/host-facts.ts'
import { span, table } from './table.ts'

/** One life of a host, for programs. Times in milliseconds since the epoch, by the coordinator's clock. */
export interface HostJson {
  readonly host: string
  readonly state: ReturnType<typeof stateOf>
  readonly version: string
  readonly startedAt: number
  readonly seenAt: number
  /** The coordinator's time less the host's. Unit: milliseconds. */
  readonly aheadMs: number
  readonly works: readonly string[]
  readonly machines: number
}

export function hostJson(one: HostSeen): HostJson {
  const { host, version, startedAt, seenAt, aheadMs, isAlive, works, machines } = one
  return {
    host,
    state: stateOf(one),
    version,
    startedAt,
    seenAt,
    aheadMs: Math.round(aheadMs),
    works: isAlive ? works.map(({ name }) => name).sort() : [],
    machines: isAlive ? machines : 0,
  }
}

export function hostTable(hosts: readonly HostSeen[], now: number): readonly string[] {
  if (hosts.length === 0) return ['No hosts: agentctl capacity serve runs nowhere.']
  const rows = hosts
    .map(hostJson)
    .map(one => [
      one.host,
      one.state,
      one.version,
      span(now - one.startedAt),
      `${span(now - one.seenAt)} ago`,
      clockWords(one.aheadMs),
      String(one.machines),
      one.works.join(', '),
    ])
  return table(['HOST', 'STATE', 'VERSION', 'UP', 'LAST BEAT', 'CLOCK', 'MACHINES', 'WORKS'], rows)
}

/** What nobody looks after, where that is anything. */
export function freeLines(free: readonly string[]): readonly string[] {
  return free.length === 0 ? [] : [`In no host's hands: ${free.join(', ')}`]
}

/** Less is the way to the coordinator and back. Unit: milliseconds. */
const toleratedMs = 500

/** How wrong the host's clock is, by that of the coordinator. */
function clockWords(aheadMs: number): string {
  if (Math.abs(aheadMs) < toleratedMs) return 'right'
  return `${span(Math.abs(aheadMs))} ${aheadMs > 0 ? 'behind' : 'ahead'}`
}

/** What is still to be given back, as a line of progress. */
export function heldLine(host: string, works: readonly string[]): string {
  return works.length === 0 ? `${host} holds nothing` : `${host} holds ${works.join(', ')}`
}
