import { appendFileSync, readFileSync } from 'node:fs'
import { type Hub, type HubOptions, startHub } from '../http/start-hub.ts'
import { parseJobsFile, showProblems } from '../hub/job-file.ts'
import { demoJobs, isTypeName, type JobSpec } from '../hub/job-spec.ts'
import { runWrapped } from './run-wrapped.ts'
import { showStart, showSummary, wrappedEnvironment } from './show.ts'

export interface RunHubOptions {
  readonly host: string
  readonly port: number
  readonly syncMs: number
  readonly agentType: string
  readonly publicApi: boolean
  readonly json: boolean
  readonly command: readonly string[]
  readonly jobsFile?: string
  readonly demo?: number
  readonly token?: string
  readonly apiToken?: string
  readonly organizationCeiling?: number
  readonly eventsFile?: string
}

export type RunHubOutcome =
  | { readonly ok: true; readonly exitCode: number }
  | { readonly ok: false; readonly message: string }

/** `dev hub`: serves until a signal, or around a command. */
export async function runHub(options: RunHubOptions, print: (line: string) => void): Promise<RunHubOutcome> {
  if (!isTypeName(options.agentType))
    return { ok: false, message: `${options.agentType} is no agent type: s1- and letters, digits, - or _` }
  const jobs = readJobs(options)
  if (!jobs.ok) return jobs
  let hub: Hub
  try {
    hub = await startHub(hubOptions(options, jobs.value))
  } catch (error) {
    return { ok: false, message: listenProblem(error, options) }
  }
  print(showStart(hub, options.json))
  try {
    const [program, ...args] = options.command
    if (program === undefined) {
      await untilSignal()
      return { ok: true, exitCode: 0 }
    }
    const end = await runWrapped(program, args, wrappedEnvironment(hub))
    if (!end.ok) return end
    print(showSummary(hub.jobs(), options.json))
    return end
  } finally {
    await hub.close()
  }
}

function hubOptions(options: RunHubOptions, jobs: readonly JobSpec[]): HubOptions {
  const { eventsFile, organizationCeiling: ceiling } = options
  return {
    host: options.host,
    port: options.port,
    agentType: options.agentType,
    publicApi: options.publicApi,
    jobs,
    knobs: { syncMs: options.syncMs, ...(ceiling === undefined ? {} : { organizationCeiling: ceiling }) },
    ...(options.token === undefined ? {} : { token: options.token }),
    ...(options.apiToken === undefined ? {} : { apiToken: options.apiToken }),
    ...(eventsFile === undefined
      ? {}
      : { onEvent: event => appendFileSync(eventsFile, `${JSON.stringify(event)}\n`) }),
  }
}

type Jobs =
  | { readonly ok: true; readonly value: readonly JobSpec[] }
  | { readonly ok: false; readonly message: string }

function readJobs({ jobsFile, demo }: RunHubOptions): Jobs {
  const made = demoJobs(demo ?? 0)
  if (jobsFile === undefined) return { ok: true, value: made }
  let text: string
  try {
    text = readFileSync(jobsFile, 'utf8')
  } catch (error) {
    return {
      ok: false,
      message: `cannot read the jobs file: ${error instanceof Error ? error.message : error}`,
    }
  }
  const parsed = parseJobsFile(text)
  return parsed.ok
    ? { ok: true, value: [...parsed.jobs, ...made] }
    : { ok: false, message: `the jobs file is not right:\n${showProblems(jobsFile, parsed.problems)}` }
}

function untilSignal(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

function listenProblem(error: unknown, { host, port }: RunHubOptions): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'EADDRINUSE'
    ? `port ${port} on ${host} is taken; choose another, or leave --port out`
    : `cannot listen on ${host}:${port}: ${message}`
}
