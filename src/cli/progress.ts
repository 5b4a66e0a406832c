import type { Progress } from '../operations/provision.ts'
import { liveTable, phaseLines } from '../views/provision-live.ts'

export interface ProgressView {
  readonly show: (progress: Progress) => void
  /** A line of the log, above the table where there is one. */
  readonly write: (line: string) => void
  readonly end: () => void
}

/** A table redrawn in place on a terminal; elsewhere a line for each change. */
export async function openProgress(
  isTerminal: boolean,
  print: (line: string) => void,
): Promise<ProgressView> {
  const lines = phaseLines(new Map())
  if (!isTerminal) {
    return { show: progress => lines(progress).forEach(print), write: print, end: () => undefined }
  }
  const { logUpdateStderr } = await import('log-update')
  return {
    show: progress => logUpdateStderr(liveTable(progress)),
    write: line => logUpdateStderr.persist(line),
    end: () => logUpdateStderr.clear(),
  }
}
