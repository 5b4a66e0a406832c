import type { Instance } from '@agentctl/contract'
import type { AgentSeen } from './picture.ts'

export const phases = [
  'requested',
  'launching',
  'booting',
  'online',
  'draining',
  'terminating',
  'gone',
] as const
export type Phase = (typeof phases)[number]

export interface PhaseFacts {
  readonly instance: Instance | undefined
  /** Absent long enough to be proved gone, or said to be gone by the cloud. */
  readonly isGone: boolean
  readonly isTerminateAsked: boolean
  readonly agent: AgentSeen
  /** The machine's own word on its console. */
  readonly hasAgentRegistered: boolean
  readonly hasAgentEnded: boolean
  readonly hasBeenOnline: boolean
  readonly wasDraining: boolean
}

/** Where a unit that was seen, or is gone, is on its way: from facts each time, so that a lost journal loses no phase. */
export function phaseOf(facts: PhaseFacts): Phase {
  const { instance } = facts
  if (facts.isGone || instance?.state === 'terminated') return 'gone'
  if (facts.isTerminateAsked || instance?.state === 'stopping') return 'terminating'
  if (instance?.state === 'stopped' || instance?.state === 'failed' || facts.hasAgentEnded) return 'draining'
  if (facts.agent === 'idle' || facts.agent === 'busy') return 'online'
  if (facts.agent === 'absent' && facts.hasBeenOnline) return 'draining'
  // A hub that does not answer does not bring it back.
  if (facts.agent === 'unknown' && facts.wasDraining) return 'draining'
  return facts.hasAgentRegistered || facts.hasBeenOnline ? 'online' : 'booting'
}
