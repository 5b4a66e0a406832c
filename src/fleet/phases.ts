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
  readonly isAccepted: boolean
  readonly instance: Instance | undefined
  /** Absent long enough to be proved gone, or said to be gone by the cloud. */
  readonly isGone: boolean
  readonly isTerminateAsked: boolean
  readonly agent: AgentSeen
  /** The machine's own word on its console. */
  readonly hasAgentRegistered: boolean
  readonly hasAgentEnded: boolean
  readonly hasBeenOnline: boolean
}

/** Where a unit is on its way. Derived from facts each time, so that a lost journal loses no phase. */
export function phaseOf(facts: PhaseFacts): Phase {
  const { instance } = facts
  if (facts.isGone || instance?.state === 'terminated') return 'gone'
  if (!instance) return facts.isAccepted ? 'booting' : 'launching'
  if (facts.isTerminateAsked || instance.state === 'stopping') return 'terminating'
  if (instance.state === 'stopped' || instance.state === 'failed' || facts.hasAgentEnded) return 'draining'
  if (facts.agent === 'idle' || facts.agent === 'busy') return 'online'
  if (facts.agent === 'absent' && facts.hasBeenOnline) return 'draining'
  return facts.hasAgentRegistered || facts.hasBeenOnline ? 'online' : 'booting'
}
