import { expect, test } from 'vitest'
import { admitted, call, openHub, syncCall } from './support.ts'

test('queue, look, stop, log', async () => {
  const hub = await openHub()
  const one = await call(hub, 'POST', '/dev/jobs', { body: { name: 'one', commands: ['true'] } })
  expect(one.status).toBe(201)
  const more = await call(hub, 'POST', '/dev/jobs', { body: [{ commands: ['a'] }, { commands: ['b'] }] })
  expect(more.json.ids).toHaveLength(2)
  const [id] = one.json.ids
  expect((await call(hub, 'GET', '/dev/jobs')).json).toHaveLength(3)
  expect((await call(hub, 'GET', `/dev/jobs/${id}`)).json).toMatchObject({
    name: 'one',
    type: 's1-local',
    state: 'queued',
    result: null,
    agent: null,
    handedOut: 0,
    runs: 0,
  })
  expect((await call(hub, 'POST', `/dev/jobs/${id}/stop`)).json).toMatchObject({
    state: 'finished',
    result: 'stopped',
  })
  expect((await call(hub, 'GET', `/dev/jobs/${id}/log`)).text).toBe('')
  expect((await call(hub, 'GET', '/dev/jobs/none/log')).status).toBe(404)
})

test('jobs that are not right are refused with the reason', async () => {
  const hub = await openHub()
  const refused = await call(hub, 'POST', '/dev/jobs', { body: { commands: ['true'], typo: 1 } })
  expect([refused.status, refused.text.includes('typo')]).toEqual([422, true])
  const id = '11111111-2222-4333-8444-555555555555'
  await call(hub, 'POST', '/dev/jobs', { body: { id, commands: ['true'] } })
  expect((await call(hub, 'POST', '/dev/jobs', { body: { id, commands: ['true'] } })).status).toBe(409)
  expect(() => hub.queue({ id, commands: ['true'] })).toThrow('is there already')
  expect((await call(hub, 'POST', '/dev/jobs', { body: 'no json' })).status).toBe(422)
})

test('agents, and disabling one', async () => {
  const hub = await openHub()
  const name = 'agents/with+slashes'
  const token = await admitted(hub, { name })
  expect((await call(hub, 'GET', '/dev/agents')).json).toMatchObject([
    { name, state: 'registered', disabled: false },
  ])
  expect((await call(hub, 'POST', `/dev/agents/${name}/disable`)).json.disabled).toBe(true)
  expect((await syncCall(hub, token, { state: 'waiting-for-jobs' })).json.shutdown_reason).toBe('requested')
  expect((await call(hub, 'POST', '/dev/agents/nobody/disable')).status).toBe(404)
})

test('events are JSON lines, also from a point on', async () => {
  const hub = await openHub()
  hub.queue({ commands: ['true'] })
  const lines = (await call(hub, 'GET', '/dev/events')).text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines.map(({ n }) => n)).toEqual(lines.map((_, index) => index + 1))
  expect(lines.at(-1)).toMatchObject({ event: 'job-queued', at: expect.stringMatching(/^\d{4}-.*Z$/) })
  const since = await call(hub, 'GET', `/dev/events?since=${lines.length - 1}`)
  expect(since.text.trim().split('\n')).toHaveLength(1)
})

test('knobs over HTTP, with nonsense refused', async () => {
  const hub = await openHub()
  const changed = await call(hub, 'POST', '/dev/knobs', {
    body: { organizationCeiling: 2, staleness: { idleSilentMs: 9 } },
  })
  expect(changed.json).toMatchObject({
    organizationCeiling: 2,
    staleness: { idleSilentMs: 9, neverSyncedMs: 60_000 },
  })
  expect((await call(hub, 'GET', '/dev/knobs')).json).toEqual(changed.json)
  expect((await call(hub, 'POST', '/dev/knobs', { body: { organisationCeiling: 2 } })).status).toBe(422)
  expect((await call(hub, 'POST', '/dev/knobs', { body: { registerFailures: -1 } })).status).toBe(422)
})

test('a web page may not queue commands', async () => {
  const hub = await openHub()
  const headers = { origin: 'https://example.com' }
  const answer = await call(hub, 'POST', '/dev/jobs', { headers, body: { commands: ['true'] } })
  expect([answer.status, hub.jobs()]).toEqual([403, []])
})
