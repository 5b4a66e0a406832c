import type { Beat, HostSeen } from '@agentctl/contract'

/** How a host stands with the others that share its coordinator, as it is told after each beat. */
export interface HostFacts {
  readonly host: string
  /** By the time that all hosts share. Unit: milliseconds since the epoch. */
  readonly now: number
  /** What the coordinator answered, or what it failed of. */
  readonly beat: Beat | Error
  /** Works in the hands of this host. */
  readonly held: readonly string[]
  /** The last look at that work of its own that was looked at longest ago; left out where it has none. As `now`. */
  readonly lookedAt?: number
  /** As they were listed last; left out where they could not be. */
  readonly hosts?: readonly HostSeen[]
  /** Works that another host may have taken, since the start. */
  readonly lostCount: number
}

/**
 * How long nobody looked at a work of this host. A host that has none is as alive as its beats, whether the coordinator
 * answers them or not: one that is away is no reason to start anew. Unit: milliseconds.
 */
export function unlookedMs({ now, lookedAt = now }: HostFacts): number {
  return Math.max(0, now - lookedAt)
}

/** Works that are offered and that nobody holds; undefined where that is not known. */
export function freeWorks({ beat, hosts }: HostFacts): number | undefined {
  if (beat instanceof Error || !hosts) return undefined
  return Math.max(0, beat.works - heldWorks(hosts))
}

/** Works in the hands of any host that is alive. */
export function heldWorks(hosts: readonly HostSeen[]): number {
  return new Set(hosts.filter(one => one.isAlive).flatMap(one => one.works.map(work => work.name))).size
}

/** States of those that are there, or are missed. */
export const hostStates = ['alive', 'draining', 'silent'] as const
export type HostState = (typeof hostStates)[number]

/** `silent`: not heard of any more, and missed; `ended`: it gave back what it held, and is not. */
export function stateOf({ isAlive, isDraining, stoppedAt }: HostSeen): HostState | 'ended' {
  if (isAlive) return isDraining ? 'draining' : 'alive'
  return stoppedAt === undefined ? 'silent' : 'ended'
}

/** Those that are alive, and the last life of every other name: what came back is not missed. */
export function livesToShow(hosts: readonly HostSeen[]): readonly HostSeen[] {
  const alive = new Set(hosts.flatMap(one => (one.isAlive ? [one.host] : [])))
  const last = new Map(hosts.toSorted((a, b) => a.startedAt - b.startedAt).map(one => [one.host, one]))
  return hosts
    .filter(one => one.isAlive || (!alive.has(one.host) && last.get(one.host) === one))
    .toSorted((one, other) => one.host.localeCompare(other.host))
}

/** Of those who ended by themselves there is none: nobody misses them. */
export function statesOf(hosts: readonly HostSeen[]): readonly (readonly [HostSeen, HostState])[] {
  return livesToShow(hosts).flatMap(one => {
    const state = stateOf(one)
    return state === 'ended' ? [] : [[one, state] as const]
  })
}
