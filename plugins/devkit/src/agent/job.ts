import type { JobRequest } from '../hub/payload.ts'
import { type JobLog, newJobLog } from './job-log.ts'
import { exportVariables, injectFiles } from './job-setup.ts'
import type { AgentLog } from './log.ts'
import { startPushing } from './log-push.ts'
import type { JobResult } from './protocol.ts'
import { type Shell, startShell } from './shell.ts'
import type { AgentTime } from './time.ts'
import { uploadLog } from './upload.ts'
import type { StartPlan } from './validate.ts'

export interface RunningJob {
  readonly finished: Promise<JobResult>
  stop(): void
}

interface Deps {
  readonly plan: StartPlan
  readonly log: AgentLog
  readonly time: AgentTime
  refreshLogToken(): Promise<string>
}

/** What the steps of a job share. `stopped`: nothing more is to be started. */
export interface JobRun {
  readonly request: JobRequest
  readonly plan: StartPlan
  readonly log: AgentLog
  readonly jobLog: JobLog
  readonly shell: Shell
  stopped: boolean
}

/** What is left of a stopped job after this gets SIGKILL. */
const stopGraceMs = 5_000

/** Runs a job and answers when its log is pushed. Source: semaphoreci/agent pkg/jobs/job.go, 2026-02. */
export function startJob(request: JobRequest, deps: Deps): RunningJob {
  const { log, plan, time } = deps
  log.info(`Running job ${request.job_id}`)
  const jobLog = newJobLog(time.now)
  const pusher = startPushing(
    { ...request.logger, lines: jobLog.lines, refreshToken: deps.refreshLogToken },
    log,
    time,
  )
  const run: JobRun = { request, plan, log, jobLog, shell: startShell(), stopped: false }
  const finished = runAll(run).then(async result => {
    jobLog.jobFinished(result)
    const trimmed = await pusher.flush()
    await uploadLog(run, trimmed)
    log.info('Job teardown finished')
    await run.shell.close()
    return result
  })
  return {
    finished,
    stop: () => {
      log.info('Stopping job')
      run.stopped = true
      run.shell.terminate(time.scaled(stopGraceMs))
    },
  }
}

async function runAll(run: JobRun): Promise<JobResult> {
  run.jobLog.jobStarted()
  const refusal = refusedExecutor(run)
  if (refusal !== undefined) {
    run.log.error('Executor failed to boot up')
    await logged(run, 'Starting the executor', async () => {
      run.jobLog.output(`${refusal}\n`)
      return 1
    })
    return 'failed'
  }
  let result = await runRegular(run)
  if (!run.stopped) {
    await runEpilogues(run, result)
    if (run.stopped) result = 'stopped'
  }
  await runPostJobHook(run)
  return result
}

function refusedExecutor({ request, plan }: JobRun): string | undefined {
  const only = 'the stand-in agent runs shell jobs only'
  if (plan.values['kubernetes-executor']) return `${only}: kubernetes-executor is not there`
  const { executor } = request
  return executor === '' || executor === 'shell' ? undefined : `${only}: executor '${executor}' is not there`
}

async function runRegular(run: JobRun): Promise<JobResult> {
  if ((await exportVariables(run, run.request.env_vars, run.plan.envVars)) !== 0) return 'failed'
  if ((await injectFiles(run)) !== 0) return 'failed'
  if (!(await runPreJobHook(run))) return 'failed'
  const exitCode = run.request.commands.length === 0 ? 0 : await untilFailure(run, run.request.commands)
  if (run.stopped) {
    run.log.info('Regular commands were stopped')
    return 'stopped'
  }
  if (exitCode === 130) return ownVerdict(run)
  run.log.info(
    exitCode === 0 ? 'Regular commands finished successfully' : 'Regular commands finished with failure',
  )
  return exitCode === 0 ? 'passed' : 'failed'
}

/** Exit code 130 is the job's own wish to stop: no epilogues, and its variable names the result. */
async function ownVerdict(run: JobRun): Promise<JobResult> {
  run.stopped = true
  let printed = ''
  await logged(run, 'Checking job result', async () => {
    await run.shell.run('echo $SEMAPHORE_JOB_RESULT', text => {
      printed += text
    })
    return 0
  })
  const wanted = printed.trim()
  return wanted === 'passed' || wanted === 'failed' ? wanted : 'stopped'
}

async function runEpilogues(run: JobRun, result: JobResult): Promise<void> {
  const { request, log } = run
  await exportVariables(
    run,
    [{ name: 'SEMAPHORE_JOB_RESULT', value: Buffer.from(result).toString('base64') }],
    [],
  )
  if (!run.stopped) {
    log.info('Starting epilogue always commands')
    await untilFailure(run, request.epilogue_always_commands)
  }
  if (run.stopped) return
  const passed = result === 'passed'
  log.info(`Starting epilogue on ${passed ? 'pass' : 'fail'} commands`)
  await untilFailure(run, passed ? request.epilogue_on_pass_commands : request.epilogue_on_fail_commands)
}

async function untilFailure(run: JobRun, commands: JobRequest['commands']): Promise<number> {
  let exitCode = 1
  for (const { directive, alias } of commands ?? []) {
    if (run.stopped) return 1
    exitCode = await runCommand(run, directive, alias)
    if (exitCode !== 0) break
  }
  return exitCode
}

export function runCommand(run: JobRun, command: string, alias = ''): Promise<number> {
  return logged(run, alias === '' ? command : alias, () => {
    if (alias !== '') run.jobLog.output(`Running: ${command}\n`)
    return run.shell.run(command, run.jobLog.output)
  })
}

async function logged(run: JobRun, directive: string, action: () => Promise<number>): Promise<number> {
  const startedAt = run.jobLog.now()
  run.jobLog.commandStarted(directive)
  const exitCode = await action()
  run.jobLog.commandFinished(directive, exitCode, startedAt)
  return exitCode
}

async function runPreJobHook(run: JobRun): Promise<boolean> {
  const { log, plan } = run
  const path = plan.values['pre-job-hook-path']
  if (path === '') {
    log.info('No pre-job hook configured.')
    return true
  }
  log.info(`Executing pre-job hook at ${path}`)
  const command = plan.values['source-pre-job-hook'] ? `source ${path}` : `bash ${path}`
  const exitCode = await runCommand(run, command, 'Running the pre-job hook configured in the agent')
  if (exitCode === 0) {
    log.info('Pre-job hook executed successfully.')
    return true
  }
  const fails = plan.values['fail-on-pre-job-hook-error']
  log.error(`Error executing pre-job hook - ${fails ? 'failing job' : 'proceeding'}`)
  return !fails
}

/** After everything else, and without a say in the result. After a stop there is no shell left for it. */
async function runPostJobHook(run: JobRun): Promise<void> {
  const path = run.plan.values['post-job-hook-path']
  if (path === '') return run.log.info('No post-job hook configured.')
  run.log.info(`Executing post-job hook at ${path}`)
  const exitCode = await runCommand(run, `bash ${path}`, 'Running the post-job hook configured in the agent')
  if (exitCode === 0) run.log.info('Post-job hook executed successfully.')
  else run.log.error(`Error executing post-job hook - hook return exit code ${exitCode}`)
}
