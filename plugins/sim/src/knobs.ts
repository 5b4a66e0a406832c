import type { CallClass, Rate, ResourceKind } from '@agentctl/contract'
import type { Range } from './random.ts'

export const operations = ['launch', 'list', 'describe', 'terminate', 'mark', 'console'] as const
export type Operation = (typeof operations)[number]

/**
 * What can go wrong with one call.
 *
 * Refused, nothing done: `throttled`, `server-error`, `bad-credentials`, `access-denied`, `stock-out`, `quota`,
 * `not-found` (a 404 that is not true), `request-lost` (no answer either).
 * Done, answered badly: `answer-lost`, `hang` (no answer until signal or deadline), `late` (no answer, done after
 * `lateMs`), `duplicate` (delivered twice), `slow`, `short` (a launch gets `count` instances, by default one less),
 * `half-made` (a launch fails and leaves its parts), `partial` (a list breaks off after its first item).
 */
export type FaultKind =
  | 'throttled'
  | 'server-error'
  | 'bad-credentials'
  | 'access-denied'
  | 'stock-out'
  | 'quota'
  | 'not-found'
  | 'request-lost'
  | 'answer-lost'
  | 'hang'
  | 'late'
  | 'duplicate'
  | 'slow'
  | 'short'
  | 'half-made'
  | 'partial'

/** How the cloud behaves; all of it can be turned while it runs. Chances are in [0, 1]. */
export interface Knobs {
  /** Chance of each fault per operation, rolled in the order given here. */
  readonly chances: { readonly [op in Operation]?: { readonly [fault in FaultKind]?: number } }
  readonly latencyMs: Range
  readonly slowMs: Range
  readonly lateMs: Range
  /** From accepted to running, where the spec does not say. */
  readonly bootMs: Range
  readonly haltMs: Range
  /** From an accepted terminate to the end. */
  readonly deleteMs: Range
  /** How far behind a list or a look at one resource is, rolled per resource; only with an eventual listing. */
  readonly lagMs: Range
  /** Instances of an offering that can be alive at once; an offering that is not named here has no bound. */
  readonly stock: Readonly<Record<string, number>>
  /** Instances that can be alive at once in a scope, strangers included. */
  readonly quota: number
  /** Instances of others that count against the quota. */
  readonly strangers: number
  /** Token buckets that the cloud really holds callers to; what is left out has no bound. */
  readonly rates: Partial<Readonly<Record<CallClass, Rate>>>
  /** A spot instance is taken back after a while. */
  readonly reclaim: { readonly chance: number; readonly afterMs: Range }
  /** An instance whose boot the cloud itself gives up on. */
  readonly breakChance: number
  /** An instance whose guest fails to boot: it prints this and powers off. */
  readonly bootFailure: { readonly chance: number; readonly text: string }
  /** An instance whose agent never starts: nothing happens until the guest's own timer ends it at its expiry. */
  readonly silentChance: number
  /** An instance whose guest hangs before its timers are set: it never ends by itself. */
  readonly wedgedChance: number
  /** A terminate that is accepted and never done. */
  readonly undeletableChance: number
  /** Chance per kind that an auxiliary resource stays when its instance ends. */
  readonly leftovers: Partial<Readonly<Record<ResourceKind, number>>>
  /** The cloud's clock is ahead of the host's by this. Unit: milliseconds. */
  readonly skewMs: number
}

const never: Range = [0, 0]

/** A cloud with manners: quick, honest, endless. */
export const calm: Knobs = {
  chances: {},
  latencyMs: [5, 40],
  slowMs: [20_000, 120_000],
  lateMs: [1000, 60_000],
  bootMs: [15_000, 30_000],
  haltMs: [500, 2000],
  deleteMs: [1000, 5000],
  lagMs: never,
  stock: {},
  quota: Number.POSITIVE_INFINITY,
  strangers: 0,
  rates: {},
  reclaim: { chance: 0, afterMs: [60_000, 3_600_000] },
  breakChance: 0,
  bootFailure: { chance: 0, text: 'cloud-init: failed to fetch the agent: 503 Service Unavailable' },
  silentChance: 0,
  wedgedChance: 0,
  undeletableChance: 0,
  leftovers: {},
  skewMs: 0,
}
