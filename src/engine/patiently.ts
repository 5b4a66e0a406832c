import { type Clock, hasCode, type Log, type Random } from '@agentctl/contract'
import { backoffMs } from './backoff.ts'

/** Longest time that something may be away before a command has begun. */
const mostMs = 60_000
const pauseMostMs = 10_000

export interface Patience {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly signal: AbortSignal
  /** A minute, where it is not less. */
  readonly patienceMs?: number
}

/** Asks again, for reads: what is away for a moment is waited for; a wrong token, or a wrong spec, is not. */
export async function patiently<T>(
  { clock, random, log, signal, patienceMs = mostMs }: Patience,
  ask: () => Promise<T>,
): Promise<T> {
  const until = clock.now() + Math.min(mostMs, patienceMs)
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      const leftMs = until - clock.now()
      if (!hasCode(error, 'unavailable', 'rate-limited') || leftMs <= 0) throw error
      log.warn(`${error.message}; asking again`)
      const pauseMs = error.retryAfterMs ?? Math.min(pauseMostMs, backoffMs(tries, random))
      await clock.sleep(Math.min(pauseMs, leftMs), signal)
    }
  }
}
