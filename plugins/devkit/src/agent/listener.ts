import { runShutdownHook } from './hook.ts'
import { type HubClient, hubClient } from './hub-client.ts'
import type { RunningJob } from './job.ts'
import type { AgentLog } from './log.ts'
import { describeMachine, randomName } from './machine.ts'
import {
  type AgentState,
  type Effect,
  initialState,
  onInterrupt,
  onJobFetched,
  onJobFinished,
  onReply,
  onSyncFailed,
  syncRequest,
} from './protocol.ts'
import { withRetries } from './retry.ts'
import type { AgentTime } from './time.ts'
import type { StartPlan } from './validate.ts'
import { agentVersion } from './version.ts'

/** Figures of the real agent. Source: semaphoreci/agent main.go, pkg/listener/job_processor.go, v2.4.0, 2026-02. */
const registerRetry = { task: 'Register', attempts: 30, delaySeconds: 1 }
const getJobRetry = { task: 'Get job', attempts: 10, delaySeconds: 3 }
const disconnectRetry = { task: 'Disconnect', attempts: 100, delaySeconds: 1 }
const silenceLimitMs = 10 * 60_000

interface Deps {
  readonly plan: StartPlan
  readonly log: AgentLog
  readonly time: AgentTime
}

/** The whole life of an agent, from registration to the exit code. */
export async function listen({ plan, log, time }: Deps): Promise<number> {
  const { values } = plan
  const hub = hubClient(values['no-https'] ? 'http' : 'https', values.endpoint, values.token, log)
  log.info('Starting Agent')
  log.info('Registering Agent')
  try {
    log.named(await withRetries(registerRetry, { log, time }, () => hub.register(registration(plan, log))))
  } catch (error) {
    // The real agent panics here, and its outer process turns that into exit code 1.
    const message = `Could not start agent: failed to register agent: ${messageOf(error)}`
    log.fatal(message)
    log.fatal(`Child agent process panicked:\n\npanic: ${message}\n`)
    return 1
  }
  log.info('Starting to poll for jobs')
  const end = await syncUntilShutdown(hub, { plan, log, time })
  await leave(hub, end, { plan, log, time })
  return end.exitCode
}

let madeUpName: string | undefined

function registration({ values, name }: StartPlan, log: AgentLog): object {
  if (name === '' && madeUpName === undefined) log.info('Agent name was not assigned - using a random one.')
  if (name === '') madeUpName ??= randomName()
  return {
    version: agentVersion,
    name: name === '' ? madeUpName : name,
    ...describeMachine(),
    single_job: values['disconnect-after-job'],
    idle_timeout: values['disconnect-after-idle-timeout'],
    interruption_grace_period: values['interruption-grace-period'],
    job_id: values['job-id'],
  }
}

type Shutdown = Extract<Effect, { do: 'shutdown' }>

/** Syncs at the hub's pace; a finished job and the first signal cut the wait short. */
async function syncUntilShutdown(hub: HubClient, deps: Deps): Promise<Shutdown> {
  const { log, time } = deps
  let state: AgentState = initialState(time.now())
  let job: RunningJob | undefined
  let wake: () => void = () => undefined
  let woken = false
  const syncNow = () => {
    woken = true
    wake()
  }
  const change = (next: AgentState) => {
    state = next
  }
  const interrupted = () => {
    if (state.interruptedAt !== 0) return
    log.info('Termination signal received')
    change(onInterrupt(state, time.now()))
    syncNow()
  }
  process.on('SIGTERM', interrupted)
  process.on('SIGINT', interrupted)

  const runJob = async (jobId: string): Promise<void> => {
    try {
      const request = await withRetries(getJobRetry, deps, () => hub.getJob(jobId))
      const running = onJobFetched(state)
      if (running === undefined)
        return log.info(`Job ${jobId} was stopped while it was being fetched - not running it`)
      change(running)
      const { startJob } = await import('./job.ts')
      job = startJob(request, { ...deps, refreshLogToken: hub.refreshLogToken })
      if (state.phase === 'stopping-job') job.stop()
      const result = await job.finished
      change(onJobFinished(state, result))
    } catch (error) {
      log.error(`Could not get job ${jobId}: ${messageOf(error)}`)
      if (state.jobId === jobId && state.phase !== 'finished-job') change(onJobFinished(state, 'failed'))
    }
    job = undefined
    syncNow()
  }

  for (;;) {
    woken = false
    const { effect, waitMs } = await syncOnce(hub, () => state, change, deps)
    if (effect.do === 'shutdown') return effect
    if (effect.do === 'run-job') void runJob(effect.jobId)
    if (effect.do === 'stop-job') job?.stop()
    log.info(`Waiting ${waitMs / 1000}s for next sync...`)
    await new Promise<void>(resolve => {
      if (woken) return resolve()
      const timer = setTimeout(resolve, waitMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    wake = () => undefined
  }
}

async function syncOnce(
  hub: HubClient,
  current: () => AgentState,
  change: (next: AgentState) => void,
  { log, time }: Deps,
): Promise<{ effect: Effect; waitMs: number }> {
  const fallbackMs = Math.round(time.between(3000, 6000))
  try {
    const reply = await hub.sync(syncRequest(current()))
    const before = current()
    const step = onReply(before, reply, time.now())
    change(step.state)
    if (step.effect.do === 'shutdown')
      log.info(`Agent shutdown requested by Semaphore due to: ${reply.shutdown_reason ?? ''}`)
    const asked = reply.next_sync_after ?? 0
    const finishedNow = step.state.phase === 'finished-job' && before.phase !== 'finished-job'
    return { effect: step.effect, waitMs: finishedNow ? 0 : asked > 0 ? asked : fallbackMs }
  } catch (error) {
    log.error(`[SYNC ERR] Failed to sync with API: ${messageOf(error)}`)
    const effect = onSyncFailed(current(), time.now(), time.scaled(silenceLimitMs))
    if (effect.do === 'shutdown') log.error('Unable to sync with Semaphore for over 10 minutes.')
    return { effect, waitMs: fallbackMs }
  }
}

/** Disconnect first, then the hook, whether or not disconnecting worked. */
async function leave(hub: HubClient, { reason }: Shutdown, { plan, log, time }: Deps): Promise<void> {
  log.info('Disconnecting the Agent from Semaphore')
  try {
    await withRetries(disconnectRetry, { log, time }, () => hub.disconnect())
    log.info('Disconnected.')
  } catch (error) {
    log.error(
      `Failed to disconnect from Semaphore even after ${disconnectRetry.attempts} tries: ${messageOf(error)}`,
    )
  }
  await runShutdownHook(plan.values['shutdown-hook-path'], reason, log)
  log.info(`Agent shutting down due to: ${reason}`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
