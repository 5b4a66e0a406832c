import type { Clock } from '../effects.ts'
import type { Provider } from '../provider.ts'
import type { ResourceRef } from '../resources.ts'

type Done = Promise<void> | void

/** The cloud asked and moved past the provider under test, with whatever the target has: an SDK, an engine's CLI. */
export interface OutOfBand {
  /**
   * What the cloud still holds of `owner`, of every kind, one line each, such as `disk d-12`. What has ended and is
   * only shown for a while does not count.
   */
  left(owner: string): Promise<readonly string[]>
  /** Makes something that no agentctl owns, such as an instance without tags. The target removes it itself. */
  createForeign?(): Promise<ResourceRef>
  /** Whether a resource is still there and alive; shows that a refused terminate did nothing. */
  exists?(ref: ResourceRef): Promise<boolean>
  /** The bytes that the guest of this instance gets. */
  userDataOf?(ref: ResourceRef): Promise<Uint8Array>
  /** Ends the instance from inside, as its guest does at the end of a job. */
  powerOff?(ref: ResourceRef): Promise<void>
  /** A well-formed ref of nothing; left out, the last character of a real id is changed. */
  absentRef?(real: ResourceRef): ResourceRef
}

/** Each arms one fault, which the next matching call meets once. What a target cannot do is left out. */
export interface TargetFaults {
  /** The next launch is accepted, its answer never arrives. */
  loseNextLaunchReply?(): Done
  /** The next launch fails half-way, with the worst that this cloud can leave behind. */
  failNextLaunch?(): Done
  /** The next launch of a batch gets `count` instances. */
  shortNextLaunch?(count: number): Done
  /** The next launch is sent and not answered until its signal or deadline ends it. */
  hangNextLaunch?(): Done
  /** The next list breaks off after it has given something, as with a page that fails. */
  failListMidway?(): Done
  /** The next call of any kind is throttled, more often than the provider's own transport retry. */
  throttleNextCall?(): Done
  /** The next call of any kind meets credentials that are not valid. */
  rejectNextCredentials?(): Done
  /** The cloud shows this resource in a status that the plugin does not know. */
  unmapState?(ref: ResourceRef): Done
}

/** All that the conformance kit needs to know about a provider and the cloud, or the stand-in, behind it. */
export interface ConformanceTarget {
  readonly name: string
  /** A provider on the same cloud each time, as another host would open it; `owner` is `[a-z][a-z0-9-]{0,30}`. */
  open(owner: string): Promise<Provider>
  /** A raw spec that `parseSpec` takes, of the cheapest instances, with enough of them to be had for the batch. */
  readonly spec: unknown
  /** Real, or virtual together with {@link drive}. */
  readonly clock: Clock
  /** Moves virtual time until the task has ended; left out with a real clock. */
  drive?<T>(task: Promise<T>): Promise<T>
  /**
   * Waits until the cloud's listing has caught up.
   * @default `clock.sleep(capabilities.settleMs)`
   */
  settle?(): Promise<void>
  /**
   * What the guest runs: prints `marker` and stays up until it is ended. Must hold `marker` in some form.
   * @default a script that ends in bytes that are not UTF-8, gzipped for the `linux` guest
   */
  userData?(marker: string): Uint8Array
  /** Guests really run their user data, so what it prints is seen on the console. @default false */
  readonly runsUserData?: boolean
  readonly outOfBand: OutOfBand
  readonly faults?: TargetFaults
  /** Launches that are enough to need a second page of the listing. @default 3 */
  readonly launchesForPaging?: number
  /** How long an accepted `launch` may take: less than a boot. Unit: milliseconds. @default 30_000 */
  readonly launchWithinMs?: number
  /** How long `accepted` may take to become `gone`. Unit: milliseconds. @default 120_000 */
  readonly goneWithinMs?: number
  /** Real time that a whole case may take. Unit: milliseconds. @default 180_000 */
  readonly caseTimeoutMs?: number
  /** Case titles (`L1 …`) that are left out, each with the reason, which the report shows. */
  readonly leaveOut?: Readonly<Record<string, string>>
}
