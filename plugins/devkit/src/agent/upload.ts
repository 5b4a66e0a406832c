import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { JobRun } from './job.ts'

/**
 * Uploads the log with the `artifact` program when the setting asks for it. Whatever is missing is only logged.
 * Source: semaphoreci/agent pkg/jobs/job.go uploadLogsAsArtifact, 2026-02. Big logs are not compressed here.
 */
export async function uploadLog(run: JobRun, trimmed: boolean): Promise<void> {
  const { log, plan, request } = run
  const when = plan.values['upload-job-logs']
  if (when === 'never') return log.info('upload-job-logs=never - not uploading job logs as job artifact.')
  if (when === 'when-trimmed' && !trimmed)
    return log.info(
      'upload-job-logs=when-trimmed - logs were not trimmed, not uploading job logs as job artifact.',
    )
  const found: Record<string, string> = { SEMAPHORE_JOB_ID: request.job_id }
  for (const name of ['SEMAPHORE_ARTIFACT_TOKEN', 'SEMAPHORE_ORGANIZATION_URL']) {
    const variable = request.env_vars.find(candidate => candidate.name === name)
    if (variable === undefined)
      return log.error(`Error uploading job logs as artifact - no ${name} available`)
    found[name] = Buffer.from(variable.value, 'base64').toString('utf8')
  }
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-job-log-'))
  const file = join(folder, 'job_log.txt')
  writeFileSync(file, plainText(run.jobLog.lines))
  log.info('Uploading job logs as artifact...')
  try {
    await promisify(execFile)('artifact', ['push', 'job', file, '-d', 'agent/job_logs.txt'], {
      env: { ...process.env, ...found },
    })
    log.info('Successfully uploaded job logs as artifact')
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    log.error(`Error uploading job logs as artifact - ${missing ? 'no artifact CLI available' : error}`)
  }
  rmSync(folder, { recursive: true, force: true })
}

function plainText(lines: readonly string[]): string {
  return lines
    .map(line => JSON.parse(line) as { event: string; output?: string; directive?: string })
    .map(({ event, output = '', directive = '' }) =>
      event === 'cmd_started' ? `${directive}\n` : event === 'cmd_output' ? output : '',
    )
    .join('')
}
