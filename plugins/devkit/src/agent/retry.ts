import type { AgentLog } from './log.ts'
import type { AgentTime } from './time.ts'

export interface Retry {
  readonly task: string
  readonly attempts: number
  readonly delaySeconds: number
}

/**
 * Tries at a constant pace; the log lines and the last error have the real agent's wording, which other programs
 * read. Source: semaphoreci/agent pkg/retry/retry.go, 2026-02.
 */
export async function withRetries<T>(
  { task, attempts, delaySeconds }: Retry,
  { log, time }: { readonly log: AgentLog; readonly time: AgentTime },
  action: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      if (attempt >= attempts)
        throw new Error(`[${task}] failed after [${attempt}] attempts - giving up: ${why}`, { cause: error })
      log.error(`[${task}] attempt [${attempt}] failed with [${why}] - retrying in ${delaySeconds}s`)
      await time.sleep(delaySeconds * 1000)
    }
  }
}
