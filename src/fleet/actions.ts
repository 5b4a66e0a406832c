import type { Offering, ResourceRef } from '@agentctl/contract'
import type { EndReason } from './reasons.ts'
import type { LaunchRecord, UnitRecord } from './records.ts'

/** One machine wanted, before it has an attempt or a pool. */
export interface Want {
  /** The job's id, or a slot of a run: `slot:RUN:3`. */
  readonly key: string
  readonly agentType: string
  readonly jobId?: string
  /** The only pool that it is for; any of its type's otherwise. */
  readonly pool?: string
  /** What it is for, in words, where no job stands behind it. */
  readonly purpose?: string
  /** Asked for anew in each tick, as long as its job is queued: a machine that left without running it was no answer. */
  readonly isStanding?: true
  /** When it was asked for: what ended before counts for the attempt's number, and says nothing about this want. */
  readonly since?: number
}

export interface Launch {
  readonly kind: 'launch'
  readonly pool: string
  readonly agentType: string
  readonly offering: Offering
  readonly wants: readonly Want[]
  readonly attempt: number
  readonly why: string
}

/** The same call again, until the answer is definite. */
export interface Resume {
  readonly kind: 'resume'
  readonly launch: LaunchRecord
  readonly why: string
}

/** An intended launch that is surely not in the cloud, and wanted no more. */
export interface Settle {
  readonly kind: 'settle'
  readonly launch: LaunchRecord
  readonly why: string
}

export interface Terminate {
  readonly kind: 'terminate'
  readonly provider: string
  readonly ref: ResourceRef
  readonly unit?: UnitRecord
  /** It is ended for having no agent, which may change while the call waits for its turn. */
  readonly isCallOff?: true
  readonly reason: EndReason
  readonly why: string
}

/** Takes the bootstrap data of a machine away from jobs, which no guest of its cloud can. */
export interface Guard {
  readonly kind: 'guard'
  readonly provider: string
  readonly ref: ResourceRef
  readonly unit: UnitRecord
  readonly why: string
}

/** Every decision says why, in words. */
export type Action = Launch | Resume | Settle | Terminate | Guard
