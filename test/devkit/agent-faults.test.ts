import { expect, test } from 'vitest'
import { openHub, read, startAgent, tempFolder, until, write } from './support.ts'

const hook = 'echo "$SEMAPHORE_AGENT_SHUTDOWN_REASON" >> "$HOME/reason"\n'
const oneJob = { 'disconnect-after-job': true }

test('registration that fails and then works', async () => {
  const hub = await openHub({
    jobs: [{ commands: ['true'] }],
    knobs: { registerFailures: 2, registerRateLimits: 1 },
  })
  const agent = startAgent(hub, { settings: oneJob })
  expect(await agent.ended).toBe(0)
  expect(agent.output()).toContain(
    `[Register] attempt [2] failed with [register request to ${hub.url}/api/v1/self_hosted_agents/register got HTTP 500: ] - retrying in 1s`,
  )
})

test('thirty registrations, then exit 1 without a hook', async () => {
  const hub = await openHub({ knobs: { organizationCeiling: 0 } })
  const folder = tempFolder()
  const agent = startAgent(hub, {
    folder,
    settings: { 'shutdown-hook-path': write(folder, 'hook.sh', hook) },
  })
  expect(await agent.ended).toBe(1)
  expect(hub.events().filter(({ event }) => event === 'refused')).toHaveLength(30)
  expect(agent.output()).toContain(
    'Could not start agent: failed to register agent: [Register] failed after [30] attempts - giving up: register request to',
  )
  expect(agent.output()).toContain('got HTTP 422: agent quota for organization has been reached')
  expect(() => read(folder, 'reason')).toThrow()
})

test('nobody there: exit 1', async () => {
  const agent = startAgent({ endpoint: '127.0.0.1:1', token: 'x' }, { timeScale: 0.001 })
  expect(await agent.ended).toBe(1)
  expect(agent.output()).toContain('connect: connection refused')
})

test('a lost reply: an unbound agent registers again, under the same name', async () => {
  const hub = await openHub({ jobs: [{ commands: ['true'] }], knobs: { loseRegisterReplies: 1 } })
  const agent = startAgent(hub, { settings: oneJob })
  expect(await agent.ended).toBe(0)
  expect(hub.jobs()[0]).toMatchObject({ result: 'passed', runs: 1 })
  const names = hub.events().flatMap(event => (event.event === 'registered' ? [event.agent] : []))
  expect(names).toHaveLength(2)
  expect(new Set(names).size).toBe(1)
})

test('a lost reply: a bound agent is refused to the end, and the hub fails the job', async () => {
  const hub = await openHub({
    knobs: { loseRegisterReplies: 1, staleness: { neverSyncedMs: 300 } },
    sweepMs: 20,
  })
  const [id = ''] = hub.queue({ commands: ['true'] })
  const agent = startAgent(hub, { settings: { ...oneJob, 'job-id': id } })
  expect(await agent.ended).toBe(1)
  expect(hub.events().filter(({ event }) => event === 'refused')).toHaveLength(29)
  expect(agent.output()).toContain('got HTTP 400: job not available')
  await hub.until(({ event }) => event === 'dropped')
  expect(hub.job(id)).toMatchObject({ result: 'failed', runs: 0 })
})

test('syncs that fail are repeated', async () => {
  const hub = await openHub({ jobs: [{ commands: ['true'] }], knobs: { syncFailures: 2, sync404: 1 } })
  const agent = startAgent(hub, { settings: oneJob })
  expect(await agent.ended).toBe(0)
  expect(agent.output()).toContain(
    '[SYNC ERR] Failed to sync with API: failed to sync with upstream, got HTTP 500',
  )
  expect(agent.output()).toContain('failed to sync with upstream, got HTTP 404')
})

test('ten minutes without a sync: disconnect, hook, exit 1', async () => {
  const hub = await openHub({ knobs: { sync404: ['lonely-agent'] } })
  const folder = tempFolder()
  const settings = { name: 'lonely-agent', 'shutdown-hook-path': write(folder, 'hook.sh', hook) }
  const agent = startAgent(hub, { folder, settings, timeScale: 0.001 })
  expect(await agent.ended).toBe(1)
  expect(agent.output()).toContain('Unable to sync with Semaphore for over 10 minutes.')
  expect(read(folder, 'reason')).toBe('UNABLE_TO_SYNC\n')
})

test('a dropped agent tries a hundred times to disconnect, and runs the hook all the same', async () => {
  const hub = await openHub({ knobs: { staleness: { idleSilentMs: 0 } }, sweepMs: 0 })
  const folder = tempFolder()
  const settings = { 'shutdown-hook-path': write(folder, 'hook.sh', hook) }
  const agent = startAgent(hub, { folder, settings, timeScale: 0.001 })
  await until(() => hub.agents()[0]?.lastSyncAt != null, 'the first sync')
  await until(() => {
    hub.sweep()
    return hub.agents().length === 0
  }, 'the agent is dropped')
  expect(await agent.ended).toBe(1)
  expect(agent.output()).toContain(
    'Failed to disconnect from Semaphore even after 100 tries: [Disconnect] failed after [100] attempts - giving up: error while disconnecting, status: 404',
  )
  expect(read(folder, 'reason')).toBe('UNABLE_TO_SYNC\n')
})

test('disconnecting that is slow and fails at first', async () => {
  const hub = await openHub({
    jobs: [{ commands: ['true'] }],
    knobs: { disconnectDelayMs: 100, disconnectFailures: 2 },
  })
  const folder = tempFolder()
  const settings = { ...oneJob, 'shutdown-hook-path': write(folder, 'hook.sh', hook) }
  const agent = startAgent(hub, { folder, settings })
  expect(await agent.ended).toBe(0)
  expect(agent.output()).toContain(
    '[Disconnect] attempt [2] failed with [error while disconnecting, status: 500, body: ]',
  )
  expect(hub.agents()).toEqual([])
})

test('a shutdown without a reason is UNKNOWN', async () => {
  const hub = await openHub({ jobs: [{ commands: ['true'] }], knobs: { omitShutdownReason: true } })
  const folder = tempFolder()
  const settings = { ...oneJob, 'shutdown-hook-path': write(folder, 'hook.sh', hook) }
  expect(await startAgent(hub, { folder, settings }).ended).toBe(0)
  expect(read(folder, 'reason')).toBe('UNKNOWN\n')
})

test.each([
  ['failing', 'echo out; echo err >&2; exit 7\n', 'exit status 7', 'Output: out\nerr'],
  ['missing', undefined, 'exit status 127', 'No such file or directory'],
  ['killed', 'kill -9 $$\n', 'signal: SIGKILL', 'Output: '],
])('a hook that is %s is logged and changes nothing', async (_what, text, error, output) => {
  const hub = await openHub({ jobs: [{ commands: ['true'] }] })
  const folder = tempFolder()
  const path = text === undefined ? `${folder}/none.sh` : write(folder, 'hook.sh', text)
  const agent = startAgent(hub, { folder, settings: { ...oneJob, 'shutdown-hook-path': path } })
  expect(await agent.ended).toBe(0)
  expect(agent.output()).toContain(`Error executing shutdown hook: ${error}`)
  expect(agent.output()).toContain(output)
})

test('a job that cannot be fetched is a failed job', async () => {
  const hub = await openHub({ jobs: [{ commands: ['true'] }], knobs: { jobFetchFailures: 10 } })
  const agent = startAgent(hub, { settings: oneJob })
  expect(await agent.ended).toBe(0)
  expect(agent.output()).toContain(
    '[Get job] failed after [10] attempts - giving up: failed to describe job, got HTTP 500',
  )
  expect(hub.jobs()[0]).toMatchObject({ result: 'failed', runs: 0 })
})

test('a hub that answers 500 to all comes back', async () => {
  const hub = await openHub({ jobs: [{ commands: ['true'] }], knobs: { failAll: true } })
  const agent = startAgent(hub, { settings: oneJob })
  await agent.printed('[Register] attempt [3] failed')
  hub.setKnobs({ failAll: false })
  expect(await agent.ended).toBe(0)
  expect(hub.jobs()[0]?.result).toBe('passed')
})
