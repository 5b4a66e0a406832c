/** Why a machine ended. The first seven are the agent's own word, from its shutdown hook. */
export const endReasons = [
  'job-finished',
  'idle',
  'interrupted',
  'requested',
  'unable-to-sync',
  'not-needed',
  'agent-failed',
  'boot-timeout',
  'agent-timeout',
  'expired',
  'cancelled',
  'lost',
  'launch-failed',
  'spot-reclaimed',
  'unknown',
] as const

export type EndReason = (typeof endReasons)[number]

/**
 * `done`: the unit did what it was for, or is not wanted any more. `failed`: it did not, and that spends one of the
 * unit's attempts. `unclear`: nobody said; the queue decides whether the job still wants a machine.
 */
type Verdict = 'done' | 'failed' | 'unclear'

const verdicts: Readonly<Record<EndReason, Verdict>> = {
  'job-finished': 'done',
  idle: 'done',
  interrupted: 'unclear',
  requested: 'done',
  'unable-to-sync': 'unclear',
  'not-needed': 'unclear',
  'agent-failed': 'failed',
  'boot-timeout': 'failed',
  'agent-timeout': 'failed',
  expired: 'failed',
  cancelled: 'done',
  lost: 'failed',
  'launch-failed': 'failed',
  'spot-reclaimed': 'unclear',
  unknown: 'unclear',
}

/** A machine that was online and ended so took its job down with it. */
export function isCutShort(reason: EndReason): boolean {
  return reason === 'spot-reclaimed' || reason === 'unable-to-sync' || reason === 'interrupted'
}

export function verdictOf(reason: EndReason): Verdict {
  return verdicts[reason]
}

/** A machine that ended so never had a working agent: what a pool's breaker counts. */
export function isBootFailure(reason: EndReason): boolean {
  return reason === 'boot-timeout' || reason === 'agent-timeout' || reason === 'agent-failed'
}

export function asEndReason(text: string): EndReason {
  return (endReasons as readonly string[]).includes(text) ? (text as EndReason) : 'unknown'
}
