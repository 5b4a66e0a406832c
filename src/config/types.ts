import type { AgentSettings } from '../agent/types.ts'
import type { BootstrapSettings } from './bootstrap-schema.ts'

/** Where a secret is read from when it is needed. Its value is never part of the settings. */
export interface SecretRef {
  readonly scheme: SecretScheme
  /** What comes after the scheme: a variable's name, a path, a command line, a cloud's name of a secret. */
  readonly name: string
  /** As it was written, `scheme:name`; this may be shown. */
  readonly text: string
}

export const secretSchemes = [
  'env',
  'file',
  'command',
  'aws-ssm',
  'aws-secretsmanager',
  'gcp-secret',
  'azure-keyvault',
] as const
export type SecretScheme = (typeof secretSchemes)[number]

/** Everything that a command needs to know, with every default filled in. Plain data. */
export interface Settings {
  /** `[a-z][a-z0-9-]{0,30}`; without a configured one, made of the names of the user and the host. */
  readonly owner: string
  /** Host, or `host:port`, of the Semaphore organization; empty only where a command does not need it. */
  readonly endpoint: string
  readonly noHttps: boolean
  readonly apiToken?: SecretRef
  /** What several hosts share; without it this host works alone. */
  readonly coordinator?: CoordinatorAddress
  /** Jobs whose attempts for a machine are spent are stopped at the hub; default false. */
  readonly stopsUnservableJobs: boolean
  readonly agentTypes: Readonly<Record<string, AgentType>>
  readonly pools: Readonly<Record<string, Pool>>
  /** Machines of the owner alive at once, over all pools; infinite where nobody says. */
  readonly maxMachines: number
  readonly history: Keep
  readonly prices: Prices
  /** The `providers:` section by provider name, unchecked. */
  readonly providers: Readonly<Record<string, unknown>>
}

/** Where a coordinator is: an address without a password, or where the address with one is read from. */
export type CoordinatorAddress =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'reference'; readonly ref: SecretRef }

/** How much of the past the journal keeps. Defaults: 30 days, 256 MB. */
export interface Keep {
  /** At least 2 days. */
  readonly keepMs: number
  /** Of the journal's file, not counting what is free in it. Unit: megabytes of 1,000,000 bytes. */
  readonly megabytesMax: number
}

/** What machines cost. Default: USD, and nothing known. */
export interface Prices {
  /** Three letters, such as `USD`. */
  readonly currency: string
  readonly pools: Readonly<Record<string, PoolPrices>>
}

/** A machine and hour. */
export interface PoolPrices {
  readonly perHour?: number
  /** By an offering's id, its type and market (`c7i.large/spot`), or its type; the first of these that is named counts. */
  readonly offerings: Readonly<Record<string, number>>
}

/** Where demand comes from: the registration token is the type. */
export interface AgentType {
  /** `s1-…`; see {@link AgentType.isNamed}. */
  readonly name: string
  /** False when nobody named the type: `s1-default` then stands for whatever type the token belongs to. */
  readonly isNamed: boolean
  readonly token: SecretRef
  readonly binding: 'job' | 'queue'
  /** In the order to fill them, at least one. */
  readonly pools: readonly string[]
}

export interface Pool {
  /** `[a-z][a-z0-9-]{0,30}` */
  readonly name: string
  readonly provider: string
  readonly capacity: Capacity
  readonly timeouts: Timeouts
  /** A machine whose job or agent failed is kept for so long; not at all when left out. Unit: milliseconds. */
  readonly holdMs?: number
  /** Failures that a job may cost before it is given up; default 3, at least 1. */
  readonly attempts: number
  /** Several hosts launch into it without a coordinator; default false. */
  readonly shared: boolean
  /** `guarded` (the default) keeps bootstrap data from jobs. */
  readonly metadata: 'guarded' | 'open'
  /** How the registration token gets to a machine; `inline`, in its user data, is the default. */
  readonly tokenDelivery:
    | { readonly kind: 'inline' }
    | { readonly kind: 'presigned'; readonly bucket: string }
  /** Variables of jobs whose values are read when they are needed. */
  readonly secretEnvVars: Readonly<Record<string, SecretRef>>
  /** The provider's own, checked by its `parseSpec`. */
  readonly spec: Readonly<Record<string, unknown>>
  /** Settings of the agent that a person gave; what agentctl owns is not among them. */
  readonly agent: AgentSettings
  readonly agentSource: AgentSource
  readonly hooks: { readonly shutdown?: string }
  /** For Linux guests. */
  readonly bootstrap: BootstrapSettings
}

/** Machines. Defaults: max 10, min 0, idle 0, no factor. */
export interface Capacity {
  readonly max: number
  /** Alive at least. */
  readonly min: number
  /** Ready for jobs to come, besides those that are needed for jobs that wait. */
  readonly idle: number
  /** Ready for each one that is busy, where that is more than `idle`; 0.2 is one for five. From 0 to 10. */
  readonly scaleFactor: number
  /** How long a machine without a job waits for one; default: `timeouts.idle`. Unit: milliseconds. */
  readonly scaleDownAfterMs: number
  readonly schedules: readonly Schedule[]
}

/** Raises `min` or `idle` for a while, whenever `cron` comes due. */
export interface Schedule {
  /** Five fields, or six with seconds first. */
  readonly cron: string
  /** An IANA name such as `Europe/Berlin`. */
  readonly timeZone: string
  /** Length of the window. Unit: milliseconds. */
  readonly forMs: number
  readonly min?: number
  readonly idle?: number
}

/** Defaults: boot 10 min, agent 5 min, idle 5 min, job 24 h, total 25 h. `totalMs` is at least `bootMs + agentMs`. */
export interface Timeouts {
  readonly bootMs: number
  readonly agentMs: number
  readonly idleMs: number
  readonly jobMs: number
  readonly totalMs: number
}

/** Which agent a guest runs; with none of these, the image's own. */
export interface AgentSource {
  /** A path in the guest. */
  readonly binary?: string
  /** A version such as `v2.4.0`, or a URL. */
  readonly download?: string
  /** Of the download, in hex. */
  readonly sha256?: string
}

/** Where one effective value came from. */
export interface Explained {
  /** Such as `pools.linux.capacity.max`. */
  readonly key: string
  /** Plain JSON; secrets only as references. */
  readonly value: unknown
  readonly source: Source
  /** `agentctl.yml:5:12`, `--owner`, `AGENTCTL_OWNER`, or `built in`. */
  readonly where: string
}

export type Source = 'flag' | 'variable' | 'file' | 'default'
