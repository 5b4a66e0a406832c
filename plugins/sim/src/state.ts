import type { Market, ResourceKind, Scope, Tags } from '@agentctl/contract'

/** The simulated cloud's own words for a status; `statuses.ts` maps them. */
export type SimStatus = 'provisioning' | 'active' | 'halting' | 'halted' | 'deleting' | 'ended' | 'broken'

/** One resource at one time; every change is a new value. */
export interface SimResource {
  readonly kind: ResourceKind
  readonly id: string
  readonly scope: Scope
  /** A {@link SimStatus}, or whatever a test has put there. */
  readonly status: string
  readonly tags: Tags
  /** By the cloud's clock. */
  readonly createdAt: number
  readonly launchKey: string
  readonly unitIndex: number
  readonly offeringId: string
  readonly zone: string
  readonly market: Market
  readonly name?: string
  readonly instanceId?: string
  readonly fault?: string
  readonly isReclaimed?: true
  readonly isGuarded?: true
  /** Terminates are accepted and not done. */
  readonly isUndeletable?: true
  /** Stays when its instance ends. */
  readonly isSticky?: true
}

/** `resource` is left out from the time that it is no more. */
export interface Version {
  readonly at: number
  readonly resource?: SimResource
}

/** Something that the cloud or a guest does to a resource by itself. */
export type EventName =
  | 'boot'
  | 'break'
  | 'power-off'
  | 'reclaim'
  | 'deadline'
  | 'rest'
  | 'delete'
  | 'erased'
  | 'forgotten'

export interface Due {
  readonly at: number
  readonly id: string
  readonly event: EventName
}

/** One launch that a token stands for. */
export interface Token {
  readonly fingerprint: string
  readonly ids: readonly string[]
}

/** All that the cloud knows; plain data, so that it can be kept in a file. */
export interface SimState {
  sequence: number
  readonly records: Map<string, readonly Version[]>
  readonly tokens: Map<string, Token>
  readonly consoles: Map<string, string>
  /** In order of time. */
  readonly agenda: Due[]
}

export function emptyState(): SimState {
  return { sequence: 0, records: new Map(), tokens: new Map(), consoles: new Map(), agenda: [] }
}

/** The resource as it stands, or undefined when there is none. */
export function current({ records }: SimState, id: string): SimResource | undefined {
  return records.get(id)?.at(-1)?.resource
}

/** The resource as it stood at `at`: what a lagging read shows. */
export function asOf({ records }: SimState, id: string, at: number): SimResource | undefined {
  return records.get(id)?.findLast(version => version.at <= at)?.resource
}

export function everyCurrent(state: SimState): readonly SimResource[] {
  return [...state.records.keys()].flatMap(id => current(state, id) ?? [])
}

export function put(state: SimState, at: number, resource: SimResource): void {
  state.records.set(resource.id, [...(state.records.get(resource.id) ?? []), { at, resource }])
}

/** Ends a resource; its past is kept, for reads that lag behind. */
export function drop(state: SimState, at: number, id: string): void {
  state.records.set(id, [...(state.records.get(id) ?? []), { at }])
}

/** Forgets what has been gone since before `before`, so that a long run does not slow down. */
export function prune(state: SimState, before: number): void {
  for (const [id, versions] of state.records) {
    const last = versions.at(-1)
    if (last?.resource === undefined && (last?.at ?? 0) < before) {
      state.records.delete(id)
      state.consoles.delete(id)
    }
  }
}

export function enqueue({ agenda }: SimState, due: Due): void {
  const index = agenda.findLastIndex(({ at }) => at <= due.at)
  agenda.splice(index + 1, 0, due)
}
