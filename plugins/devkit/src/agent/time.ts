import { setTimeout as sleepFor } from 'node:timers/promises'

/** The agent's own waits and limits, which tests may shorten. What the hub asks for is never scaled. */
export interface AgentTime {
  now(): number
  scaled(milliseconds: number): number
  sleep(milliseconds: number): Promise<void>
  /** A random time in the range, scaled. */
  between(lowMs: number, highMs: number): number
}

export const scaleVariable = 'AGENTCTL_DEV_AGENT_TIME_SCALE'

export function agentTime(env: Readonly<Record<string, string | undefined>>): AgentTime {
  const wanted = Number(env[scaleVariable] ?? 1)
  const scale = Number.isFinite(wanted) && wanted > 0 ? wanted : 1
  return {
    now: () => Date.now(),
    scaled: milliseconds => milliseconds * scale,
    sleep: milliseconds => sleepFor(milliseconds * scale),
    between: (lowMs, highMs) => (lowMs + Math.random() * (highMs - lowMs)) * scale,
  }
}
