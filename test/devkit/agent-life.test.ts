import { expect, test } from 'vitest'
import type { Hub } from '../../plugins/devkit/src/index.ts'
import { openHub, read, startAgent, tempFolder, until, write } from './support.ts'

const hook = 'echo "$SEMAPHORE_AGENT_SHUTDOWN_REASON" >> "$HOME/reason"\n'

function withHook(folder: string, settings: Record<string, unknown> = {}) {
  return { folder, settings: { 'shutdown-hook-path': write(folder, 'hook.sh', hook), ...settings } }
}

function eventsOf(hub: Hub): string[] {
  return hub
    .events()
    .map(({ event }) => event)
    .filter(event => !['type-created', 'hub-started', 'knobs', 'job-queued'].includes(event))
}

/** A job that says in a file that it runs, and goes on until it is ended. */
const endless = { commands: ['touch ~/running', 'sleep 300'] }

async function jobRuns(hub: Hub, folder: string): Promise<void> {
  await hub.until(({ event }) => event === 'job-started')
  await until(() => {
    try {
      return read(folder, 'running') === ''
    } catch {
      return false
    }
  }, 'the job runs')
}

test('one job: register, run, disconnect, hook, exit', async () => {
  const hub = await openHub()
  const folder = tempFolder()
  const [id = ''] = hub.queue({ commands: ['echo hello'] })
  const agent = startAgent(hub, withHook(folder, { 'disconnect-after-job': true, name: 'one-job-agent' }))
  expect(await agent.ended).toBe(0)
  expect(eventsOf(hub)).toEqual([
    'registered',
    'handed-out',
    'job-started',
    'job-finished',
    'shutdown',
    'disconnected',
  ])
  expect(hub.job(id)).toMatchObject({ result: 'passed', agent: 'one-job-agent', handedOut: 1, runs: 1 })
  expect(hub.log(id)).toContain('$ echo hello\nhello\n')
  expect(read(folder, 'reason')).toBe('JOB_FINISHED\n')
  expect(agent.output()).toContain('Agent shutting down due to: JOB_FINISHED')
  const order = ['Disconnected.', 'Executing shutdown hook', 'Agent shutting down'].map(line =>
    agent.output().indexOf(line),
  )
  expect(order).toEqual(order.toSorted((left, right) => left - right))
})

test('bound to one job: takes that one and no other', async () => {
  const hub = await openHub()
  const [other = '', id = ''] = hub.queue([{ commands: ['true'] }, { commands: ['true'] }])
  const agent = startAgent(hub, { settings: { 'disconnect-after-job': true, 'job-id': id } })
  expect(await agent.ended).toBe(0)
  expect([hub.job(other)?.state, hub.job(id)?.result]).toEqual(['queued', 'passed'])
})

test('many jobs, then idle', async () => {
  const hub = await openHub()
  const folder = tempFolder()
  hub.queue([{ commands: ['echo 1'] }, { commands: ['false'] }])
  const agent = startAgent(hub, withHook(folder, { 'disconnect-after-idle-timeout': 1 }))
  expect(await agent.ended).toBe(0)
  expect(hub.jobs().map(({ result }) => result)).toEqual(['passed', 'failed'])
  expect(read(folder, 'reason')).toBe('IDLE\n')
})

test('disabled while it waits', async () => {
  const hub = await openHub()
  const folder = tempFolder()
  const agent = startAgent(hub, withHook(folder, { name: 'waiting-agent' }))
  await until(() => hub.agents()[0]?.state === 'waiting-for-jobs', 'the agent waits')
  hub.disableAgent('waiting-agent')
  expect(await agent.ended).toBe(0)
  expect(read(folder, 'reason')).toBe('REQUESTED\n')
})

test('disabled while it runs a job: the job is stopped first', async () => {
  const hub = await openHub()
  const folder = tempFolder()
  const [id = ''] = hub.queue(endless)
  const agent = startAgent(hub, withHook(folder, { name: 'running-agent', 'disconnect-after-job': true }))
  await jobRuns(hub, folder)
  hub.disableAgent('running-agent')
  expect(await agent.ended).toBe(0)
  expect(hub.job(id)?.result).toBe('stopped')
  expect(read(folder, 'reason')).toBe('REQUESTED\n')
})

test('a stopped job ends an agent of one job', async () => {
  const hub = await openHub()
  const folder = tempFolder()
  const [id = ''] = hub.queue(endless)
  const agent = startAgent(hub, withHook(folder, { 'disconnect-after-job': true }))
  await jobRuns(hub, folder)
  hub.stop(id)
  expect(await agent.ended).toBe(0)
  expect(hub.job(id)).toMatchObject({ result: 'stopped', runs: 1 })
  expect(read(folder, 'reason')).toBe('JOB_FINISHED\n')
})

test('SIGTERM while it waits', async () => {
  // A long interval: the signal must cut the wait short.
  const hub = await openHub({ knobs: { syncMs: 60_000 } })
  const folder = tempFolder()
  const agent = startAgent(hub, withHook(folder))
  await agent.printed('for next sync')
  agent.process.kill('SIGTERM')
  expect(await agent.ended).toBe(0)
  expect(agent.output()).toContain('Termination signal received')
  expect(read(folder, 'reason')).toBe('INTERRUPTED\n')
})

test.each([
  [true, 'JOB_FINISHED'],
  [false, 'INTERRUPTED'],
])('SIGTERM in a job without grace: stopped; one job only %s, reason %s', async (oneJob, reason) => {
  const hub = await openHub()
  const folder = tempFolder()
  const [id = ''] = hub.queue(endless)
  const agent = startAgent(hub, withHook(folder, { 'disconnect-after-job': oneJob }))
  await jobRuns(hub, folder)
  agent.process.kill('SIGTERM')
  expect(await agent.ended).toBe(0)
  expect(hub.job(id)?.result).toBe('stopped')
  expect(read(folder, 'reason')).toBe(`${reason}\n`)
})

test('SIGTERM in a job with grace: a job that is done in time passes, further signals change nothing', async () => {
  const hub = await openHub()
  const folder = tempFolder()
  const [id = ''] = hub.queue({ commands: ['touch ~/running', 'while [ ! -e ~/go ]; do sleep 0.02; done'] })
  const agent = startAgent(hub, withHook(folder, { 'interruption-grace-period': 60 }))
  await jobRuns(hub, folder)
  agent.process.kill('SIGTERM')
  await hub.until(({ event }) => event === 'interrupted')
  agent.process.kill('SIGTERM')
  agent.process.kill('SIGINT')
  write(folder, 'go', '')
  expect(await agent.ended).toBe(0)
  expect(hub.job(id)?.result).toBe('passed')
  expect(read(folder, 'reason')).toBe('INTERRUPTED\n')
})

test('SIGTERM in a job with grace: stopped when the grace is over', async () => {
  const hub = await openHub()
  const folder = tempFolder()
  const [id = ''] = hub.queue(endless)
  const agent = startAgent(hub, withHook(folder, { 'interruption-grace-period': 2 }))
  await jobRuns(hub, folder)
  const killedAt = Date.now()
  agent.process.kill('SIGTERM')
  expect(await agent.ended).toBe(0)
  expect(hub.job(id)?.result).toBe('stopped')
  expect(Date.now() - killedAt).toBeGreaterThan(900) // whole seconds of the clock
})

test('a killed agent leaves its job to the housekeeping', async () => {
  const hub = await openHub({ knobs: { staleness: { busySilentMs: 200 } }, sweepMs: 20 })
  const folder = tempFolder()
  const [id = ''] = hub.queue(endless)
  const agent = startAgent(hub, withHook(folder))
  await jobRuns(hub, folder)
  agent.process.kill('SIGKILL')
  await hub.until(({ event }) => event === 'dropped')
  expect(hub.job(id)).toMatchObject({ state: 'finished', result: 'failed', runs: 1 })
})
