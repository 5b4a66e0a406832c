import { breakerFailuresMax } from '../fleet/policy.ts'
import type { PoolNow, Present, WaitNow } from '../history/present.ts'
import type { Top } from '../operations/top.ts'
import { type HostJson, hostJson, hostTable } from './hosts.ts'
import { span, table } from './table.ts'

/** Reasons that are shown. */
const waitsMax = 10

/** For programs. Times in milliseconds since the epoch. */
export interface TopJson extends Present {
  readonly owner: string
  readonly now: number
  /** Null where this host is alone. */
  readonly hosts: readonly HostJson[] | null
  /** Commands of this host that launch and end machines now. */
  readonly commands: readonly string[]
}

export function topJson({ hosts, ...top }: Top): TopJson {
  return { ...top, hosts: hosts?.map(hostJson) ?? null }
}

/** Everything at a glance. Pure. */
export function topLines(top: Top): readonly string[] {
  const { hosts, pools, types, waits, now } = top
  return [
    headline(top),
    ...(hosts && hosts.length > 0 ? ['', ...hostTable(hosts, now)] : []),
    ...section(['POOL', ...(hosts ? ['HOST'] : []), 'MACHINES', 'PHASES', 'BREAKER'], pools, pool => [
      pool.pool || '(none)',
      ...(hosts ? [pool.hosts?.join(', ') || 'nobody'] : []),
      pool.max === undefined ? String(pool.machines) : `${pool.machines} of ${pool.max}`,
      phasesOf(pool),
      breakerOf(pool, now),
    ]),
    ...section(['AGENT TYPE', 'QUEUED', 'RUNNING', 'SINCE', 'HUB'], types, type => [
      type.agentType,
      String(type.queued),
      type.running === undefined ? '' : String(type.running),
      span(now - type.at),
      type.isHubLimited ? 'lists jobs that it does not grant' : 'grants',
    ]),
    ...section(['WAITING', 'AGENT TYPE', 'LONGEST', 'WHY'], waits.slice(0, waitsMax), wait => [
      String(wait.jobs),
      wait.agentType,
      span(now - wait.since),
      wait.why,
    ]),
    ...(waits.length > waitsMax ? [`… and ${waits.length - waitsMax} more reasons`] : []),
  ]
}

function section<T>(
  headings: readonly string[],
  all: readonly T[],
  rowOf: (one: T) => readonly string[],
): readonly string[] {
  return all.length === 0 ? [] : ['', ...table(headings, all.map(rowOf))]
}

function headline({ owner, now, hosts, commands, machines, waits }: Top): string {
  const parts = [
    `${new Date(now).toISOString().slice(11, 19)}Z`,
    hosts ? hostWords(hosts) : commandWords(commands),
    counted(machines, 'machine'),
    `${counted(sum(waits), 'job')} waiting`,
  ]
  return `${owner}: ${parts.join(', ')}`
}

function hostWords(hosts: NonNullable<Top['hosts']>): string {
  const alive = hosts.filter(({ isAlive }) => isAlive)
  return alive.length === 0 ? 'no host is alive' : `${counted(alive.length, 'host')} alive`
}

function commandWords(commands: readonly string[]): string {
  return commands.length === 0 ? 'no command runs on this host' : `here run: ${commands.join(', ')}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function sum(waits: readonly WaitNow[]): number {
  return waits.reduce((total, { jobs }) => total + jobs, 0)
}

function phasesOf({ phases }: PoolNow): string {
  return Object.entries(phases)
    .map(([phase, count]) => `${count} ${phase}`)
    .join(', ')
}

function breakerOf({ breaker }: PoolNow, now: number): string {
  if (!breaker) return 'closed'
  const until = breaker.openUntil > now ? `for ${span(breaker.openUntil - now)} more` : 'one launch tries'
  const state = breaker.failures >= breakerFailuresMax ? 'open' : 'paused'
  return `${state}, ${until}: ${breaker.cause}`
}
