import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { JobRequest } from '../hub/payload.ts'
import type { JobRun } from './job.ts'

/**
 * Exports the job's variables and then the agent's own, which win, by sourcing a file.
 * Source: semaphoreci/agent pkg/executors/shell_executor.go ExportEnvVars, 2026-02.
 */
export async function exportVariables(
  run: JobRun,
  variables: JobRequest['env_vars'],
  own: readonly (readonly [name: string, value: string])[],
): Promise<number> {
  const directive = 'Exporting environment variables'
  const startedAt = run.jobLog.now()
  run.jobLog.commandStarted(directive)
  const all = new Map<string, string>([
    ...(variables ?? []).map(
      ({ name, value }) => [name, Buffer.from(value, 'base64').toString('utf8')] as const,
    ),
    ...own,
  ])
  const lines = [...all].map(([name, value]) => `export ${name}=${quote(value)}\n`)
  for (const name of all.keys()) run.jobLog.output(`Exporting ${name}\n`)
  const path = join(tmpdir(), `.env-${process.hrtime.bigint()}`)
  writeFileSync(path, lines.join(''), { mode: 0o644 })
  const exitCode = await run.shell.run(`source ${quote(path)}`, run.jobLog.output)
  rmSync(path, { force: true })
  run.jobLog.commandFinished(directive, exitCode, startedAt)
  return exitCode
}

function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`
}

/** Writes the job's files. `~` and relative paths are the home directory. */
export async function injectFiles(run: JobRun): Promise<number> {
  const directive = 'Injecting Files'
  const startedAt = run.jobLog.now()
  run.jobLog.commandStarted(directive)
  let exitCode = 0
  for (const { path, content, mode } of run.request.files ?? []) {
    run.jobLog.output(`Injecting ${path} with file mode ${mode}\n`)
    try {
      const target = place(path)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, Buffer.from(content, 'base64'))
      chmodSync(target, Number.parseInt(mode, 8))
    } catch (error) {
      run.jobLog.output(`Failed to write '${path}': ${error instanceof Error ? error.message : error}\n`)
      exitCode = 1
      break
    }
  }
  run.jobLog.commandFinished(directive, exitCode, startedAt)
  return exitCode
}

function place(path: string): string {
  if (path.startsWith('/')) return path
  return path.startsWith('~') ? path.replaceAll('~', homedir()) : join(homedir(), path)
}
