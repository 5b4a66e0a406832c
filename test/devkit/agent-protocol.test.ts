import { expect, test } from 'vitest'
import {
  type AgentState,
  initialState,
  onInterrupt,
  onJobFetched,
  onJobFinished,
  onReply,
  onSyncFailed,
  syncRequest,
} from '../../plugins/devkit/src/agent/protocol.ts'

const waiting = initialState(0)
const running: AgentState = { ...waiting, phase: 'running-job', jobId: 'j' }

test('one job, as the hub sees it', () => {
  const started = onReply(waiting, { action: 'run-job', job_id: 'j' }, 1)
  expect(started.effect).toEqual({ do: 'run-job', jobId: 'j' })
  expect(syncRequest(started.state)).toEqual({
    state: 'starting-job',
    job_id: 'j',
    job_result: '',
    interrupted_at: 0,
  })
  const fetched = onJobFetched(started.state)
  expect(fetched?.phase).toBe('running-job')
  const finished = onJobFinished(running, 'failed')
  expect(syncRequest(finished)).toMatchObject({ state: 'finished-job', job_id: 'j', job_result: 'failed' })
  const free = onReply(finished, { action: 'wait-for-jobs' }, 2).state
  expect(syncRequest(free)).toEqual({
    state: 'waiting-for-jobs',
    job_id: '',
    job_result: '',
    interrupted_at: 0,
  })
})

test('a stop while running, finished, and still being fetched', () => {
  const stop = { action: 'stop-job', job_id: 'j' }
  expect(onReply(running, stop, 1)).toMatchObject({
    state: { phase: 'stopping-job' },
    effect: { do: 'stop-job' },
  })
  expect(onReply(onJobFinished(running, 'passed'), stop, 1)).toMatchObject({
    state: { phase: 'finished-job', jobResult: 'passed' },
    effect: { do: 'nothing' },
  })
  const early = onReply({ ...running, phase: 'starting-job' }, stop, 1)
  expect(early.state).toMatchObject({ phase: 'finished-job', jobResult: 'stopped' })
  expect(onJobFetched(early.state)).toBeUndefined()
})

test.each([
  ['idle', 'IDLE'],
  ['job-finished', 'JOB_FINISHED'],
  ['requested', 'REQUESTED'],
  ['interrupted', 'INTERRUPTED'],
  ['', 'UNKNOWN'],
  [undefined, 'UNKNOWN'],
  ['bored', 'UNKNOWN'],
])('the shutdown reason %s is %s', (given, reason) => {
  const reply = { action: 'shutdown', ...(given === undefined ? {} : { shutdown_reason: given }) }
  expect(onReply(waiting, reply, 1).effect).toEqual({ do: 'shutdown', reason, exitCode: 0 })
})

test('unknown actions change nothing', () => {
  expect(onReply(running, { action: 'dance' }, 5)).toEqual({
    state: { ...running, lastSyncOkAt: 5 },
    effect: { do: 'nothing' },
  })
})

test('only a silence longer than the limit is the agent own reason to go', () => {
  expect(onSyncFailed(waiting, 600_000, 600_000)).toEqual({ do: 'nothing' })
  expect(onSyncFailed(waiting, 600_001, 600_000)).toEqual({
    do: 'shutdown',
    reason: 'UNABLE_TO_SYNC',
    exitCode: 1,
  })
})

test('the first signal counts', () => {
  const once = onInterrupt(running, 5_900)
  expect(once.interruptedAt).toBe(5)
  expect(onInterrupt(once, 9_000).interruptedAt).toBe(5)
})
