/** Where a provider looks: rates, listings and idempotency are counted per scope. */
export interface Scope {
  readonly account: string
  readonly region: string
}

export type Market = 'spot' | 'on-demand'

/** One way to get a machine. Two offerings that are not interchangeable have different ids. */
export interface Offering {
  /** Stable text that names type, zone and market, such as `c7i.large/us-east-1a/spot`. */
  readonly id: string
  readonly scope: Scope
  readonly type: string
  readonly zone: string
  readonly market: Market
  /** In US dollars, where the provider knows it. */
  readonly pricePerHour?: number
}

/** One machine wanted. */
export interface Unit {
  /** Position in its launch, from 0. */
  readonly index: number
  /** The agent's name at the hub: 8 to 80 of `[A-Za-z0-9-_/+]`. */
  readonly name: string
  /** The Semaphore job that this machine is for; without it the machine takes any job of its type. */
  readonly jobId?: string
  /** From 1; counts identities, not failures. */
  readonly attempt: number
}

/** What is written on everything we make, in the call that makes it. Rule L3. */
export interface Ownership {
  readonly owner: string
  readonly pool: string
  readonly agentType: string
  readonly launchId: string
  /** Hex of the request's SHA-256; tells a repeat from another request under the same id. */
  readonly digest: string
  readonly units: readonly Unit[]
  /** When the machine must be gone. Unit: milliseconds since the epoch. */
  readonly expiresAt: number
  /** Held for debugging until then. Unit: milliseconds since the epoch. */
  readonly holdUntil?: number
  /** Contract version that wrote these. */
  readonly version: number
}

export const resourceKinds = ['instance', 'disk', 'interface', 'address', 'spot-request'] as const
export type ResourceKind = (typeof resourceKinds)[number]

/**
 * `stopped`: powered off, still there. `terminated`: ended, still shown by the cloud.
 * `failed`: the cloud gave up on it. `unknown`: a status this plugin does not map (rule S3).
 */
export type ResourceState =
  | 'pending'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'failed'
  | 'terminated'
  | 'unknown'

/** Enough to ask the cloud about one resource, from any host. */
export interface ResourceRef {
  readonly kind: ResourceKind
  readonly id: string
  readonly scope: Scope
}

export interface Resource extends ResourceRef {
  readonly state: ResourceState
  readonly ownership: Ownership
  /** By the cloud's clock. Unit: milliseconds since the epoch. */
  readonly createdAt?: number
  /** The instance that an auxiliary resource belongs to. */
  readonly instanceId?: string
}

/** A machine as the cloud reports it. */
export interface Instance extends Resource {
  readonly kind: 'instance'
  /** Which of the launch's units it is. */
  readonly unitIndex: number
  readonly offeringId?: string
  readonly address?: string
  /** The cloud's own words about its state. */
  readonly fault?: string
  /** Taken back by the cloud's spot market. */
  readonly isReclaimed?: boolean
}

export function isInstance(resource: Resource): resource is Instance {
  return resource.kind === 'instance'
}

/** `account/region`, for maps. */
export function scopeKey(scope: Scope): string {
  return `${scope.account}/${scope.region}`
}
