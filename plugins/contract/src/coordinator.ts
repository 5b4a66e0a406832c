import type { Clock, Log, Random } from './effects.ts'
import type { Rate } from './provider.ts'

/** What a coordinator's plugin exports by default. Its `package.json` names the schemes of the addresses it is for. */
export interface CoordinatorModule {
  readonly contract: 1
  /** For example `postgres`. */
  readonly name: string
  /**
   * Opens, and prepares where nobody has, what the hosts of an installation share.
   * @throws `unavailable`, `unauthenticated`, `permission-denied`, `unsupported` where it is prepared for newer hosts
   * only, `invalid-spec` for an address that is none
   */
  open(deps: CoordinatorDeps): Promise<Coordinator>
}

export interface CoordinatorDeps {
  readonly owner: string
  /** With its password, where it has one: kept out of every line and error. */
  readonly address: string
  /** This host's name: of one life of it, several may follow each other. */
  readonly host: string
  /** Of agentctl, for people. */
  readonly version: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** Something that at most one host does at a time. */
export interface Work {
  /** Matches `[a-z0-9*][a-z0-9.+_-]{0,199}`. */
  readonly name: string
  /** What it acts on, such as pools and agent types. Works that have one in common are never held at the same time. */
  readonly subjects: readonly string[]
}

export const recordKinds = ['launch', 'unit', 'job', 'queue', 'note'] as const
export type RecordKind = (typeof recordKinds)[number]

/** One thing that is written down, as the coordinator keeps it. Times are milliseconds since the epoch. */
export interface StoredRecord {
  readonly kind: RecordKind
  /** Unique among the owner's records of its kind; at most 300 characters. */
  readonly key: string
  /** The subject of a work that it belongs to. */
  readonly subject: string
  /** Whoever takes the work up needs it. What is closed is history. */
  readonly isOpen: boolean
  /** When it changed last, or came to be: history is asked for by it. */
  readonly at: number
  /** Of a unit, what it was launched for; of a job, its id. At most 200 characters. */
  readonly want?: string
  /** Of launches and units. */
  readonly launchId?: string
  /** JSON. */
  readonly body: string
}

export type RecordRef = Pick<StoredRecord, 'kind' | 'key'>

/** Saved in place of those of the same kind and key, and removed. No record is in both. */
export interface Changes {
  readonly saved: readonly StoredRecord[]
  readonly removed: readonly RecordRef[]
}

/**
 * A work in the hands of this host. It is lost when the host does not beat for a few seconds, and another one takes it
 * then. Whoever lost it can change nothing any more. Each method throws `unavailable` when the coordinator cannot be
 * reached, is full or does not answer within its bounds; what a call of `commit` came to that threw is not known.
 */
export interface Tenure {
  readonly work: Work
  /** The open records of the work's subjects. */
  load(): Promise<readonly StoredRecord[]>
  /**
   * Launches and units, open or closed, of these launches and of every unit launched for one of these wants, with the
   * launches of those units. Any of the owner.
   */
  recall(asked: {
    readonly wants: readonly string[]
    readonly launchIds: readonly string[]
  }): Promise<readonly StoredRecord[]>
  /**
   * All of it, for good, when this resolves with `kept`; nothing of it when the work is `lost`. Without changes it says
   * whether the work is still held. Nobody else takes the work up between the answer and the commit.
   */
  commit(changes: Changes): Promise<'kept' | 'lost'>
  /** Removes closed records of its subjects that did not change since. Returns how many. */
  forget(before: number): Promise<number>
  /**
   * How many machines this work may have, of `max` that all works of the owner have together: at most `wanted`. It
   * holds until it is asked for again, also by who takes the work up next. Ask again with less to leave some to others.
   */
  grant(wanted: number, max: number): Promise<number>
  /** Gives it back: another host may take it at once, or after so many milliseconds. */
  release(afterMs?: number): Promise<void>
}

/** What a host says of itself. */
export interface HostLoad {
  readonly machines: number
}

/** What a host hears after it has said that it is alive. */
export interface Beat {
  /** The coordinator's time less this host's own. Unit: milliseconds. */
  readonly aheadMs: number
  /** It takes nothing up, and gives back what it holds. */
  readonly isDraining: boolean
  /** Hosts alive that take works up, this one among them if it does. */
  readonly takers: number
  /** Works that are offered. */
  readonly works: number
  /** Works of this host's tenures that it does not hold any more. */
  readonly lost: readonly string[]
}

/** One life of a host. Times are the coordinator's, in milliseconds since the epoch. */
export interface HostSeen {
  readonly host: string
  readonly version: string
  readonly startedAt: number
  readonly seenAt: number
  readonly isAlive: boolean
  /** When it ended and gave back what it held; left out of one that is alive, or only was not heard of any more. */
  readonly stoppedAt?: number
  readonly isDraining: boolean
  readonly works: readonly Work[]
  readonly machines: number
  readonly aheadMs: number
}

/** What the hosts of one owner share: who does what, what was written down, and how fast a cloud is called. */
export interface Coordinator extends AsyncDisposable {
  /** Says which works there are. One that nobody has named for ten minutes, and nobody holds, is none any more. */
  offer(works: readonly Work[]): Promise<void>
  /** To be called about every second, by a host that takes works up: others take what it holds when it is silent. */
  beat(load: HostLoad): Promise<Beat>
  /** A work that nobody holds; undefined while there is none, or this host drains. */
  take(): Promise<Tenure | undefined>
  /**
   * Takes a token of a bucket that all hosts of all owners share, perhaps one that is still to come: resolves with how
   * long to wait for it. One that is further away than `waitMsMax` is not taken. Unit: milliseconds.
   */
  admit(bucket: string, rate: Rate, waitMsMax: number): Promise<number>
  /** The cloud said "too fast": the next token of that bucket comes after so many milliseconds. */
  throttled(bucket: string, rate: Rate, retryAfterMs: number): Promise<void>
  /** Alive, and those that were within the last day. */
  hosts(): Promise<readonly HostSeen[]>
  /** Every life of a host of that name, also those to come. False: no such host is known. */
  drain(host: string, isDraining: boolean): Promise<boolean>
  /**
   * Open records, and those that changed since. Of one job alone, or of jobs whose id begins so, whenever they were:
   * jobs and units whose `want` it is. In any case with the launches of those units.
   */
  history(
    wanted: { readonly since: number } | { readonly jobId: string } | { readonly jobPrefix: string },
  ): Promise<readonly StoredRecord[]>
}
