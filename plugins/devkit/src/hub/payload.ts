import type { JobCommand } from './job-spec.ts'
import type { Job } from './model.ts'

interface Command {
  readonly directive: string
  readonly alias: string
}

interface Variable {
  readonly name: string
  readonly value: string
}

/**
 * The job request as the agent reads it: variables and files in base64, log by push (with `pull` a real agent would
 * wait for ever). Source: semaphoreci/agent pkg/api/job_request.go, 2026-02.
 */
export interface JobRequest {
  readonly job_id: string
  readonly job_name: string
  readonly executor: string
  readonly commands: readonly Command[]
  readonly epilogue_always_commands: readonly Command[]
  readonly epilogue_on_pass_commands: readonly Command[]
  readonly epilogue_on_fail_commands: readonly Command[]
  readonly env_vars: readonly Variable[]
  readonly files: readonly { readonly path: string; readonly content: string; readonly mode: string }[]
  readonly ssh_public_keys: readonly string[]
  readonly callbacks: {
    readonly finished: string
    readonly teardown_finished: string
    readonly token: string
  }
  readonly logger: {
    readonly method: 'push'
    readonly url: string
    readonly token: string
    readonly max_size_in_bytes: number
  }
}

export const logBytesMax = 16 * 1024 * 1024

export function jobRequest(job: Job, baseUrl: string): JobRequest {
  const { spec } = job
  return {
    job_id: job.id,
    job_name: job.name,
    executor: spec.executor ?? 'shell',
    commands: toCommands(spec.commands),
    epilogue_always_commands: toCommands(spec.epilogue_always),
    epilogue_on_pass_commands: toCommands(spec.epilogue_on_pass),
    epilogue_on_fail_commands: toCommands(spec.epilogue_on_fail),
    env_vars: [...ownVariables(job, baseUrl), ...Object.entries(spec.env ?? {})].map(([name, value]) => ({
      name,
      value: base64(String(value)),
    })),
    files: (spec.files ?? []).map(({ path, content, mode }) => ({
      path,
      content: base64(content),
      mode: mode ?? '0644',
    })),
    ssh_public_keys: [],
    callbacks: { finished: '', teardown_finished: '', token: '' },
    logger: {
      method: 'push',
      url: `${baseUrl}/api/v1/logs/${job.id}`,
      token: job.logToken,
      max_size_in_bytes: logBytesMax,
    },
  }
}

function ownVariables(job: Job, baseUrl: string): [string, string][] {
  return [
    ['CI', 'true'],
    ['SEMAPHORE', 'true'],
    ['SEMAPHORE_JOB_ID', job.id],
    ['SEMAPHORE_JOB_NAME', job.name],
    ['SEMAPHORE_AGENT_MACHINE_TYPE', job.typeName],
    ['SEMAPHORE_ORGANIZATION_URL', baseUrl],
    ['SEMAPHORE_PROJECT_ID', '00000000-0000-4000-8000-000000000000'],
  ]
}

function toCommands(commands: readonly JobCommand[] = []): Command[] {
  return commands.map(command =>
    typeof command === 'string'
      ? { directive: command, alias: '' }
      : { directive: command.directive, alias: command.alias ?? '' },
  )
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
