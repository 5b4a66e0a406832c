import type { CacheStore, CacheTrial, CacheWish } from './cache.ts'
import type { Clock, Log, Random } from './effects.ts'
import type { ContractError, ErrorCode } from './errors.ts'
import type { Instance, Offering, Resource, ResourceKind, ResourceRef, Scope, Unit } from './resources.ts'
import type { TokenStore } from './token-store.ts'

/** Version of this contract; a plugin names it in its package.json and in its module. */
export const contractVersion = 1

/** How a machine reads its user data: `linux` by cloud-init, `process` as a script run by `bash`. */
export type GuestOs = 'linux' | 'process'

/** A cloud whose machines have a metadata service of its kind. */
export type Cloud = 'ec2' | 'gce' | 'azure'

/** Calls that a cloud counts apart. */
export const callClasses = ['launch', 'terminate', 'read', 'mark'] as const
export type CallClass = (typeof callClasses)[number]

/** A token bucket. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** Declared once; the engine and the conformance kit read them, and never call what is not declared. */
export interface Capabilities {
  /** Units in one launch, at least 1. */
  readonly launchBatchMax: number
  readonly idempotency: 'token' | 'name' | 'tag-lookup'
  readonly listing: 'strong' | 'eventual'
  /** What is left when a guest powers itself off. */
  readonly poweroff: 'deletes' | 'stops' | 'stops-and-bills'
  /** The platform itself ends a machine at its deadline. */
  readonly platformTtl: boolean
  readonly spot: boolean
  /** Longest grace period of an agent on a spot machine: the cloud's notice minus a margin. Unit: milliseconds. */
  readonly spotGraceMsMax?: number
  /** Whose metadata service a guest meets at 169.254.169.254; nobody's when left out. */
  readonly cloud?: Cloud
  readonly guests: readonly GuestOs[]
  /**
   * How a `linux` guest learns which unit of a batch it is. Without it each launch of such guests is for one unit.
   * A `process` guest is told by AGENTCTL_UNIT_INDEX.
   */
  readonly linuxIndex?: 'ec2-launch-index'
  /** Before base64. */
  readonly userDataBytesMax: number
  /** How long the cloud's listing may lag behind its answers. Unit: milliseconds. */
  readonly settleMs: number
  /**
   * Longest time that an instance can outlive its `expiresAt` with the controller gone; `Infinity` where it costs until
   * somebody looks. Unit: milliseconds.
   */
  readonly worstOrphanMs: number
  /** `live`: reading a console costs no API call, so it is read every tick. */
  readonly console: 'live' | 'on-demand' | 'none'
  /**
   * User data stays in the machine's metadata, for every job to read, until `guard` takes it away: the engine calls it
   * once the guest has read it. On other clouds the guest sees to that alone.
   */
  readonly isGuardNeeded?: boolean
  /** The guest sees this host's files, so paths of this host are good in it. */
  readonly sharesHost: boolean
  readonly rates: Readonly<Record<CallClass, Rate>>
  /**
   * Lists of one scope are at least so far apart; left out where a list costs nothing. A cloud that others of the
   * account call too has 5 s, which makes 12 lists a minute. Unit: milliseconds.
   */
  readonly listEveryMs?: number
}

export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The machine's role lends its rights to jobs although its metadata service is closed to them: the guest gets an AWS
 * profile of this name for this region, whose credentials come by `credential_process`.
 */
export interface RoleCredentials {
  readonly profile: string
  readonly region: string
}

/** A spec made definite by reads: image ids, prices, zones. Plain JSON; it is journalled and digested. */
export interface ResolvedSpec {
  readonly guest: GuestOs
  /** In the order to try them, at least one. */
  readonly offerings: readonly Offering[]
  /** Left out where jobs get no rights of the machine's role. */
  readonly roleCredentials?: RoleCredentials
  /** What `launch` needs besides; the provider's own shape. */
  readonly details: unknown
}

/** `unproven`: could not be checked without making something. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem' | 'unproven'
  readonly subject: string
  readonly message: string
  readonly fix?: string
  /** Of a problem: what a launch would be refused with; `invalid-spec` when left out. */
  readonly code?: ErrorCode
}

/** Bounds of one call. Rule C1. */
export interface Call {
  readonly signal: AbortSignal
  /** The call must have ended by then. Unit: milliseconds since the epoch. */
  readonly deadlineMs: number
  readonly log: Log
}

export interface LaunchRequest {
  /** 26 characters of `[a-z2-7]`, starting with a letter; the cloud's idempotency key is made from it. */
  readonly launchId: string
  readonly digest: string
  readonly pool: string
  readonly agentType: string
  readonly offering: Offering
  readonly resolved: ResolvedSpec
  /** In order of their index, at least one, at most `launchBatchMax`. */
  readonly units: readonly Unit[]
  readonly userData: Uint8Array
  /** `afterMs` counts from the cloud's own creation time. */
  readonly expiry: { readonly at: number } | { readonly afterMs: number }
}

export interface LaunchResult {
  readonly instances: readonly Instance[]
  /** Why fewer came than were asked for. Rule L7. */
  readonly shortfall?: ContractError
}

export interface ListFilter {
  /** All kinds when left out. */
  readonly kinds?: readonly ResourceKind[]
  readonly launchId?: string
}

/** How a person gets onto an instance. */
export interface ConnectHint {
  readonly command: readonly string[]
  readonly note?: string
}

/**
 * A cloud. The rules L1 to U1 of the README hold for every method; optional verbs are present or absent, never empty.
 * Everything thrown is a {@link ContractError} (rule C2).
 */
export interface Provider<Spec = unknown> {
  readonly capabilities: Capabilities
  readonly specSchema: JsonSchema
  /** Pure. @throws `invalid-spec` with every problem at once. */
  parseSpec(raw: unknown): Spec
  /** Pure. Every scope that these specs can make something in. */
  scopes(specs: readonly Spec[]): readonly Scope[]
  /** Reads only. @throws `invalid-spec`, `unauthenticated`, `permission-denied`, `rate-limited`, `unavailable` */
  resolve(spec: Spec, call: Call): Promise<ResolvedSpec>
  /** Reads only; what cannot be proven is said to be unproven. */
  preflight(spec: Spec, call: Call): Promise<readonly Finding[]>
  /** @throws `conflict`, `launch-spent`, `quota-exceeded`, `capacity-unavailable`, `outcome-unknown`, … */
  launch(request: LaunchRequest, call: Call): Promise<LaunchResult>
  /** Everything of this owner in the scope, or an error; never a part in silence. Rules S1 and S2. */
  list(scope: Scope, filter: ListFilter, call: Call): AsyncIterable<Resource>
  /** `accepted`: asked for, look again; `gone`: proved absent. @throws `not-owned`, `permission-denied`, … */
  terminate(ref: ResourceRef, call: Call): Promise<'accepted' | 'gone'>
  /** Changes what is written on a resource; `holdUntil: 0` takes the hold off. */
  mark?(ref: ResourceRef, change: { expiresAt?: number; holdUntil?: number }, call: Call): Promise<void>
  /** Takes the bootstrap data away from jobs, where only the controller can. Idempotent. */
  guard?(ref: ResourceRef, call: Call): Promise<void>
  /** The end of the console, at most 64 KiB; empty when there is none yet. Also after power-off, while it is kept. */
  consoleTail?(ref: ResourceRef, call: Call): Promise<string>
  connect?(ref: ResourceRef): ConnectHint
  /** For pools with `token-delivery: presigned`. */
  readonly tokens?: TokenStore
  close(): Promise<void>
}

/** All that a provider gets from outside. Rule C3. */
export interface ProviderDeps {
  /** `[a-z][a-z0-9-]{0,30}` */
  readonly owner: string
  /** The config's `providers: NAME:` section, unchecked. */
  readonly settings: unknown
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What is in use, so that rights can be least. */
export interface RightsRequest {
  readonly owner: string
  /** The config's `providers: NAME:` section, unchecked. */
  readonly settings: unknown
  /** Raw specs of the pools of this provider. */
  readonly specs: readonly unknown[]
  /** References to secrets of this provider, such as `aws-ssm:/name`. */
  readonly secrets: readonly string[]
  /** The `token-bucket` of pools with `token-delivery: presigned`. */
  readonly tokenBuckets: readonly string[]
  /** A cache that the same credentials make, show and delete. */
  readonly cache?: Pick<CacheWish, 'bucket' | 'access'>
}

/** Rights in the cloud's own form, such as an IAM policy, and what to do with it. */
export interface Rights {
  readonly document: unknown
  readonly note: string
}

/** The default export of a provider plugin's entry. */
export interface ProviderModule {
  readonly contract: typeof contractVersion
  readonly name: string
  open(deps: ProviderDeps): Promise<Provider>
  /** The build cache of the cloud's own kind of store. */
  openCache?(deps: ProviderDeps): Promise<CacheStore>
  /**
   * Does what a job's cache tool would do with this cloud's kind of store, with the credentials that the job has; what
   * cannot be known from outside is `unproven`. Writes one object, and deletes it.
   */
  tryCache?(trial: CacheTrial, deps: ProviderDeps, call: Call): Promise<readonly Finding[]>
  /** Pure. The least rights that the controller needs, for what is used. */
  rights?(request: RightsRequest): Rights
  /** The value of a secret that `ref` names, for references such as `aws-ssm:/name`. */
  readSecret?(ref: string, deps: ProviderDeps): Promise<string>
  /**
   * Stores a secret where `ref` names it, as a new version of the one that is there or as a new one. One that is new
   * is encrypted, and nobody is given rights on it. @throws `invalid-spec`, `permission-denied`, `unavailable`, …
   */
  writeSecret?(ref: string, value: string, deps: ProviderDeps): Promise<void>
}
