import type { Journal } from './journal.ts'

/** A run that has not been seen for so long is over, whatever its process id says now. */
const silentMs = 10 * 60_000

export interface RunFacts {
  readonly now: number
  readonly isAlive: (pid: number) => boolean
}

/** Answers whether a run is over: ended, its process gone, or silent for ten minutes. */
export function runsOver(
  journal: Pick<Journal, 'runs'>,
  { now, isAlive }: RunFacts,
): (runId: string) => boolean {
  const live = new Set(
    journal
      .runs()
      .filter(run => run.endedAt === undefined && now - run.seenAt < silentMs && isAlive(run.pid))
      .map(run => run.runId),
  )
  return runId => !live.has(runId)
}
