export type AgentPhase = 'waiting-for-jobs' | 'starting-job' | 'running-job' | 'stopping-job' | 'finished-job'
export type JobResult = 'passed' | 'failed' | 'stopped'
export type ShutdownReason =
  | 'IDLE'
  | 'JOB_FINISHED'
  | 'REQUESTED'
  | 'INTERRUPTED'
  | 'UNABLE_TO_SYNC'
  | 'UNKNOWN'

export interface AgentState {
  readonly phase: AgentPhase
  readonly jobId: string
  readonly jobResult: JobResult | ''
  /** Unix seconds; 0 is not interrupted. */
  readonly interruptedAt: number
  readonly lastSyncOkAt: number
}

export interface SyncReply {
  readonly action?: string
  readonly job_id?: string
  readonly shutdown_reason?: string
  readonly next_sync_after?: number
}

export type Effect =
  | { readonly do: 'nothing' }
  | { readonly do: 'run-job'; readonly jobId: string }
  | { readonly do: 'stop-job'; readonly jobId: string }
  | { readonly do: 'shutdown'; readonly reason: ShutdownReason; readonly exitCode: 0 | 1 }

export interface Step {
  readonly state: AgentState
  readonly effect: Effect
}

const nothing: Effect = { do: 'nothing' }

export function initialState(now: number): AgentState {
  return { phase: 'waiting-for-jobs', jobId: '', jobResult: '', interruptedAt: 0, lastSyncOkAt: now }
}

export function syncRequest(state: AgentState) {
  const { phase, jobId, jobResult, interruptedAt } = state
  return { state: phase, job_id: jobId, job_result: jobResult, interrupted_at: interruptedAt }
}

/**
 * What the hub's answer makes of the agent. Unknown actions change nothing; a stop for a job that is finished already
 * is ignored; one that comes while the job is still being fetched ends it as stopped.
 * Source: semaphoreci/agent pkg/listener/job_processor.go ProcessSyncResponse, 2026-02 and later.
 */
export function onReply(before: AgentState, reply: SyncReply, now: number): Step {
  const state = { ...before, lastSyncOkAt: now }
  const jobId = reply.job_id ?? ''
  switch (reply.action) {
    case 'run-job':
      return {
        state: { ...state, phase: 'starting-job', jobId, jobResult: '' },
        effect: { do: 'run-job', jobId },
      }
    case 'stop-job':
      if (state.phase === 'finished-job') return { state, effect: nothing }
      if (state.phase === 'starting-job')
        return { state: { ...state, phase: 'finished-job', jobId, jobResult: 'stopped' }, effect: nothing }
      return { state: { ...state, phase: 'stopping-job', jobId }, effect: { do: 'stop-job', jobId } }
    case 'wait-for-jobs':
      return { state: { ...state, phase: 'waiting-for-jobs', jobId: '', jobResult: '' }, effect: nothing }
    case 'shutdown':
      return { state, effect: { do: 'shutdown', reason: reasonOf(reply.shutdown_reason), exitCode: 0 } }
    default:
      return { state, effect: nothing }
  }
}

/** Only so long a silence of the hub is the agent's own reason to go. */
export function onSyncFailed(state: AgentState, now: number, limitMs: number): Effect {
  return now - state.lastSyncOkAt > limitMs
    ? { do: 'shutdown', reason: 'UNABLE_TO_SYNC', exitCode: 1 }
    : nothing
}

/** The payload has come. Undefined: the job was stopped meanwhile and must not start. */
export function onJobFetched(state: AgentState): AgentState | undefined {
  return state.phase === 'starting-job' ? { ...state, phase: 'running-job' } : undefined
}

export function onJobFinished(state: AgentState, jobResult: JobResult): AgentState {
  return { ...state, phase: 'finished-job', jobResult }
}

/** The first signal counts, later ones are swallowed. */
export function onInterrupt(state: AgentState, now: number): AgentState {
  return state.interruptedAt === 0 ? { ...state, interruptedAt: Math.floor(now / 1000) } : state
}

const reasons: Readonly<Record<string, ShutdownReason>> = {
  idle: 'IDLE',
  'job-finished': 'JOB_FINISHED',
  requested: 'REQUESTED',
  interrupted: 'INTERRUPTED',
}

function reasonOf(given: string | undefined): ShutdownReason {
  return reasons[given ?? ''] ?? 'UNKNOWN'
}
