import { expect, test } from 'vitest'
import {
  type Decision,
  decide,
  nextSyncAfter,
  type ReportedState,
} from '../../plugins/devkit/src/hub/decide.ts'
import type { Agent } from '../../plugins/devkit/src/hub/model.ts'

const now = 1_800_000_000_000
const metadata = { version: 'v2.4.0', os: '', arch: '', pid: 1, hostname: '', ipAddress: '', userAgent: '' }

function agent(change: Partial<Agent>): Agent {
  return {
    name: 'test-agent-1',
    typeName: 's1-local',
    createdAt: now - 60_000,
    metadata,
    singleJob: false,
    idleTimeoutSeconds: 0,
    gracePeriodSeconds: 0,
    token: '',
    state: 'registered',
    lastStateChangeAt: now - 30_000,
    ...change,
  }
}

const shutdown = (reason: string) => ({ action: 'shutdown', reason }) as Decision
const runs = (jobId: string): Decision => ({ action: 'run-job', jobId })
const stops = (jobId: string): Decision => ({ action: 'stop-job', jobId })
const go: Decision = { action: 'continue' }
const waits: Decision = { action: 'wait-for-jobs' }
const disabledAt = now - 1

const table: [
  why: string,
  state: ReportedState,
  agent: Partial<Agent>,
  oldest: string | undefined,
  expected: Decision,
][] = [
  ['nothing to do', 'waiting-for-jobs', {}, undefined, go],
  ['a job waits', 'waiting-for-jobs', {}, 'j1', runs('j1')],
  ['its own job comes first', 'waiting-for-jobs', { assignedJobId: 'mine' }, 'j1', runs('mine')],
  ['its own job ran', 'waiting-for-jobs', { assignedJobId: 'mine', lastSyncJobId: 'mine' }, 'j1', runs('j1')],
  [
    'its own job ran, none waits',
    'waiting-for-jobs',
    { assignedJobId: 'mine', lastSyncJobId: 'mine' },
    undefined,
    go,
  ],
  ['disabled beats a job', 'waiting-for-jobs', { disabledAt }, 'j1', shutdown('requested')],
  [
    'disabled beats interrupted',
    'waiting-for-jobs',
    { disabledAt, interruptedAt: now },
    'j1',
    shutdown('requested'),
  ],
  ['interrupted beats a job', 'waiting-for-jobs', { interruptedAt: now }, 'j1', shutdown('interrupted')],
  [
    'interrupted beats its own job',
    'waiting-for-jobs',
    { interruptedAt: now, assignedJobId: 'mine' },
    undefined,
    shutdown('interrupted'),
  ],
  ['idle for long enough', 'waiting-for-jobs', { idleTimeoutSeconds: 30 }, undefined, shutdown('idle')],
  ['idle, not yet', 'waiting-for-jobs', { idleTimeoutSeconds: 31 }, undefined, go],
  ['a job beats the idle timeout', 'waiting-for-jobs', { idleTimeoutSeconds: 1 }, 'j1', runs('j1')],
  ['starting', 'starting-job', { assignedJobId: 'mine', disabledAt }, 'j1', go],
  ['stopping', 'stopping-job', { assignedJobId: 'mine', jobStopRequestedAt: now }, 'j1', go],
  ['running', 'running-job', { assignedJobId: 'mine' }, 'j1', go],
  [
    'running, stop asked',
    'running-job',
    { assignedJobId: 'mine', jobStopRequestedAt: now },
    undefined,
    stops('mine'),
  ],
  ['running, disabled', 'running-job', { assignedJobId: 'mine', disabledAt }, undefined, stops('mine')],
  [
    'running, interrupted without grace',
    'running-job',
    { assignedJobId: 'mine', interruptedAt: now },
    undefined,
    stops('mine'),
  ],
  [
    'running, in grace',
    'running-job',
    { assignedJobId: 'mine', interruptedAt: now - 9_999, gracePeriodSeconds: 10 },
    undefined,
    go,
  ],
  [
    'running, out of grace',
    'running-job',
    { assignedJobId: 'mine', interruptedAt: now - 10_000, gracePeriodSeconds: 10 },
    undefined,
    stops('mine'),
  ],
  ['running nothing that is known', 'running-job', { disabledAt }, undefined, go],
  ['finished, more to come', 'finished-job', {}, 'j1', waits],
  ['finished the only job', 'finished-job', { singleJob: true }, 'j1', shutdown('job-finished')],
  ['finished, disabled', 'finished-job', { singleJob: true, disabledAt }, undefined, shutdown('requested')],
  [
    'finished, one job beats interrupted',
    'finished-job',
    { singleJob: true, interruptedAt: now },
    undefined,
    shutdown('job-finished'),
  ],
  ['finished, interrupted', 'finished-job', { interruptedAt: now }, 'j1', shutdown('interrupted')],
  [
    'old agents: not fetched',
    'failed-to-fetch-job',
    { singleJob: true },
    undefined,
    shutdown('job-finished'),
  ],
  ['old agents: not constructed', 'failed-to-construct-job', {}, undefined, waits],
  ['old agents: no callback', 'failed-to-send-callback', {}, undefined, waits],
]

test.each(table)('%s', (_why, state, change, oldest, expected) => {
  expect(decide(state, agent(change), oldest, now)).toEqual(expected)
})

test('only a job that goes on doubles the interval', () => {
  expect(nextSyncAfter('running-job', go, 5000)).toBe(10_000)
  expect(nextSyncAfter('running-job', stops('mine'), 5000)).toBe(5000)
  expect(nextSyncAfter('waiting-for-jobs', go, 5000)).toBe(5000)
})
