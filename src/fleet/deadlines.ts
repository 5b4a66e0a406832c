import { unseenHoldMs } from './holds.ts'
import type { UnitView } from './picture.ts'
import type { EndReason } from './reasons.ts'

/** All in milliseconds; `boot` from acceptance to the agent's start, `agent` from there to its registration. */
export interface Timeouts {
  readonly bootMs: number
  readonly agentMs: number
  readonly idleMs: number
  readonly jobMs: number
  readonly totalMs: number
  /** How long a guest keeps a machine whose job or agent failed. */
  readonly holdMs?: number
}

export interface Overdue {
  readonly reason: EndReason
  readonly why: string
}

/** The one place where a unit's deadlines meet the clock. Undefined: within all of them, or nothing is known. */
export function overdue(view: UnitView, timeouts: Timeouts, now: number): Overdue | undefined {
  const { unit, launch, agent } = view
  if (expiresAtOf(view) <= now) return { reason: 'expired', why: `its ${minutes(timeouts.totalMs)} are over` }

  // One that came later, under the same name, has its own time.
  const acceptedAt = Math.max(launch.acceptedAt ?? launch.intendedAt, unit.entered.booting ?? 0)
  const holdMs = unseenHoldMs(view, timeouts)
  if (unit.phase === 'booting' && isSurelyNotOnline(view)) {
    const startedAt = unit.marks['agent-started']
    if (startedAt === undefined && now - acceptedAt > timeouts.bootMs + holdMs) {
      return { reason: 'boot-timeout', why: `no agent was started within ${minutes(timeouts.bootMs)}` }
    }
    if (now - acceptedAt > timeouts.bootMs + timeouts.agentMs + holdMs) {
      return {
        reason: 'agent-timeout',
        why: `the agent did not register within ${minutes(timeouts.agentMs)}`,
      }
    }
  }
  const leavingAt = hasSurelyLeft(view) ? unit.entered[unit.phase] : undefined
  if (leavingAt !== undefined && now - leavingAt > timeouts.agentMs + holdMs) {
    return {
      reason: unit.reason ?? 'unknown',
      why: `its agent left, and it did not power off within ${minutes(timeouts.agentMs)}`,
    }
  }
  const onlineAt = unit.entered.online
  if (agent === 'busy' && onlineAt !== undefined && now - onlineAt > timeouts.jobMs) {
    return { reason: 'expired', why: `its job runs for longer than ${minutes(timeouts.jobMs)}` }
  }
  return undefined
}

/** What is written on the machine counts: a person may have changed it since the launch. */
export function expiresAtOf({ instance, launch }: UnitView): number {
  return instance?.ownership.expiresAt ?? launch.expiresAt
}

/** On its way down in this tick, by the cloud's word, or the machine's, or the hub's; and by no word still at work. */
function hasSurelyLeft({ unit, instance, agent }: UnitView): boolean {
  if (instance?.state === 'stopping') return unit.phase === 'terminating'
  if (unit.phase !== 'draining' || agent === 'idle' || agent === 'busy') return false
  return agent === 'absent' || unit.reason !== undefined || 'agent-ended' in unit.marks
}

/**
 * Positive evidence that no agent is at work: the hub does not list it, or the machine, whose console can be read at
 * all, has not said that it registered. Without either, only the machine's own deadline ends it.
 */
export function isSurelyNotOnline({ unit, agent }: Pick<UnitView, 'unit' | 'agent'>): boolean {
  if (agent === 'idle' || agent === 'busy') return false
  if ('agent-registered' in unit.marks) return false
  return agent === 'absent' || 'booted' in unit.marks
}

function minutes(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`
}
