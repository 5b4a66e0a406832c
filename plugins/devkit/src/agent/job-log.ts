import type { JobResult } from './protocol.ts'

/** The job's log as the lines that are pushed. Source: semaphoreci/agent pkg/eventlogger/events.go, 2026-02. */
export interface JobLog {
  readonly lines: readonly string[]
  jobStarted(): void
  commandStarted(directive: string): void
  output(text: string): void
  commandFinished(directive: string, exitCode: number, startedAt: number): void
  jobFinished(result: JobResult): void
  /** Unix seconds, as the events have them. */
  now(): number
}

export function newJobLog(clock: () => number): JobLog {
  const lines: string[] = []
  const now = () => Math.floor(clock() / 1000)
  const add = (event: string, fields: object) =>
    lines.push(JSON.stringify({ event, timestamp: now(), ...fields }))
  return {
    lines,
    now,
    jobStarted: () => void add('job_started', {}),
    commandStarted: directive => void add('cmd_started', { directive }),
    output: text => void add('cmd_output', { output: text }),
    commandFinished: (directive, exitCode, startedAt) =>
      void add('cmd_finished', {
        directive,
        exit_code: exitCode,
        started_at: startedAt,
        finished_at: now(),
      }),
    jobFinished: result => void add('job_finished', { result }),
  }
}
