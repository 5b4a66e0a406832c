import type { Capabilities, ResolvedSpec } from '@agentctl/contract'
import type { Want } from './actions.ts'
import type { Timeouts } from './deadlines.ts'
import type { LaunchRecord } from './records.ts'

export interface PoolPolicy {
  readonly name: string
  readonly provider: string
  readonly capabilities: Capabilities
  readonly resolved: ResolvedSpec
  /** Machines of this pool that may exist at once, over all commands. */
  readonly max: number
  readonly timeouts: Timeouts
  /** Failures after which a want gets no further machine. */
  readonly attemptsMax: number
  /** Several hosts without a coordinator: one unit a launch, fixed order, expiry counted by the cloud. */
  readonly isShared: boolean
}

export interface AgentTypePolicy {
  readonly name: string
  /** In the order in which a want tries them. */
  readonly pools: readonly string[]
}

/** What one command asks of the plan. */
export interface Policy {
  readonly owner: string
  readonly pools: ReadonlyMap<string, PoolPolicy>
  readonly agentTypes: ReadonlyMap<string, AgentTypePolicy>
  readonly wants: readonly Want[]
  /** Machines alive at once for this command. */
  readonly concurrency: number
  /** Machines of the owner alive at once, over all pools and commands. */
  readonly maxAlive: number
  /** `drain`: launch nothing more, and end what cannot have registered yet; `end`: end everything of this command. */
  readonly intent: 'run' | 'drain' | 'end'
  /** Whether this command answers for a launch: ends its machines, repeats it while its outcome is open. */
  readonly isMine: (launch: LaunchRecord) => boolean
  /** Units that nobody needs any more, by {@link unitKey}, each with the reason in words. */
  readonly surplus: ReadonlyMap<string, string>
}

/** Opens after this many boot failures without a machine coming online between them. */
export const breakerFailuresMax = 5
export const breakerOpenMs = 5 * 60_000
/** While the hub lists jobs that it does not grant: one launch in this time looks whether it does again. */
export const probeEveryMs = 15_000
/** A terminate that has not shown its effect is asked for again. */
export const terminateAgainMs = 20_000
/** Stock-outs are remembered from 3 minutes for the first to 15 for the fifth and later ones. */
export const stockOutMs = (count: number): number => Math.min(15, 3 * Math.max(1, count)) * 60_000
/** A call cannot take effect later than this after it was sent. */
export const lateEffectMs = 60_000
/** A stopped machine is kept for so long while its console, which says why, cannot be read. */
export const lastWordMs = 60_000
/** An intended launch that the cloud surely refused is given up after so many calls. */
export const launchTriesMax = 8
