import { expect, test } from 'vitest'
import { admitted, call, handClock, openHub, register, syncCall } from './support.ts'

const absent = '11111111-2222-4333-8444-555555555555'
const refusals: [why: string, body: unknown, status: number, text: string][] = [
  [
    'job without single_job',
    { name: 'agent-001', job_id: absent },
    400,
    'job can only be requested if agent disconnects after running it',
  ],
  ['no name', {}, 400, "the agent name '' is invalid: must follow the pattern ^[a-zA-Z0-9-_/+]+$"],
  [
    'dots in the name',
    { name: 'agent.001' },
    400,
    "the agent name 'agent.001' is invalid: must follow the pattern ^[a-zA-Z0-9-_/+]+$",
  ],
  [
    '81 characters',
    { name: 'a'.repeat(81) },
    400,
    `the agent name '${'a'.repeat(81)}' is invalid: must be below 80 characters`,
  ],
  [
    'a URL as a name',
    { name: 'https://sts.amazonaws.com/?Action=GetCallerIdentity' },
    400,
    'not allowed to use URLs for registration',
  ],
  ['a path as a name', { name: '/agents/one' }, 400, 'not allowed to use URLs for registration'],
  [
    'a job id that is none',
    { name: 'agent-001', single_job: true, job_id: 'job-1' },
    500,
    'invalid UUID: job-1',
  ],
  [
    'a job that is not there',
    { name: 'agent-001', single_job: true, job_id: absent },
    400,
    'job not available',
  ],
  ['not JSON', '{"name": ', 422, ''],
  ['a wrong type', { name: 'agent-001', pid: 'one' }, 422, ''],
]

test.each(refusals)('refuses %s', async (_why, body, status, text) => {
  const hub = await openHub()
  const answer = await register(hub, body)
  expect({ status: answer.status, text: answer.text.trim() }).toEqual({ status, text })
  expect(hub.agents()).toEqual([])
})

test('says nothing about tokens it does not know: 404, and 401 without one', async () => {
  const hub = await openHub()
  expect((await register(hub, { name: 'agent-001' }, 'ffff')).status).toBe(404)
  expect((await call(hub, 'POST', '/api/v1/self_hosted_agents/register', { body: {} })).status).toBe(401)
  const twoTokens = { headers: { authorization: `Token a Token ${hub.token}` } }
  expect((await call(hub, 'GET', '/api/v1/self_hosted_agents/jobs', twoTokens)).status).toBe(401)
  const access = await admitted(hub)
  expect((await register(hub, { name: 'agent-002' }, access)).status).toBe(404)
  expect((await syncCall(hub, hub.token, { state: 'waiting-for-jobs' })).status).toBe(404)
})

test('80 characters and every allowed one are taken', async () => {
  const hub = await openHub()
  const name = `aZ09-_/+${'x'.repeat(72)}`
  const { status, json } = await register(hub, { name })
  expect(status).toBe(201)
  expect(json.name).toBe(name)
  expect(json.token).toMatch(/^[0-9a-f]{80}$/)
})

test('a name is taken again until its first sync, and not after it', async () => {
  const hub = await openHub()
  const first = await admitted(hub)
  const second = await admitted(hub)
  expect((await syncCall(hub, first, { state: 'waiting-for-jobs' })).status).toBe(404)
  expect((await syncCall(hub, second, { state: 'waiting-for-jobs' })).status).toBe(200)
  const third = await register(hub, { name: 'test-agent-1' })
  expect([third.status, third.text.trim()]).toEqual([400, "agent can't be registered"])
})

test('a name that never synced is not taken again after five minutes, nor by another type', async () => {
  const clock = handClock()
  const hub = await openHub({ clock, sweepMs: 0, moreTypes: { 's1-other': 'other-token' } })
  await admitted(hub)
  expect((await register(hub, { name: 'test-agent-1' }, 'other-token')).status).toBe(400)
  clock.pass(5 * 60_000)
  expect((await register(hub, { name: 'test-agent-1' })).status).toBe(400)
})

test('a name comes free with the disconnect, or when its hold is over', async () => {
  const clock = handClock()
  const hub = await openHub({ clock, sweepMs: 0 })
  const disconnect = (token: string) => call(hub, 'POST', '/api/v1/self_hosted_agents/disconnect', { token })
  const token = await admitted(hub)
  await syncCall(hub, token, { state: 'waiting-for-jobs' })
  expect((await disconnect(token)).text).toBe('disconnected')
  expect((await disconnect(token)).status).toBe(404)

  const held = { metadata: { name: 's1-local' }, spec: { agent_name_settings: { release_after: 60 } } }
  await call(hub, 'PATCH', '/api/v1alpha/self_hosted_agent_types/s1-local', {
    token: hub.apiToken,
    body: held,
  })
  const again = await admitted(hub)
  await syncCall(hub, again, { state: 'waiting-for-jobs' })
  await disconnect(again)
  expect((await register(hub, { name: 'test-agent-1' })).status).toBe(400)
  expect(hub.agents()[0]?.state).toBe('disconnected')
  clock.pass(61_000)
  hub.sweep()
  expect((await register(hub, { name: 'test-agent-1' })).status).toBe(201)
})

test('a bound registration takes the job, once', async () => {
  const hub = await openHub()
  const [older = '', id = ''] = hub.queue([{ commands: ['true'] }, { commands: ['true'] }])
  const token = await admitted(hub, { single_job: true, job_id: id })
  const second = await register(hub, { name: 'test-agent-2', single_job: true, job_id: id })
  expect([second.status, second.text.trim()]).toEqual([400, 'job not available'])
  // Its answer was lost, as far as this agent knows: the same name gets no further either.
  const repeated = await register(hub, { name: 'test-agent-1', single_job: true, job_id: id })
  expect(repeated.text.trim()).toBe('job not available')
  const { json } = await syncCall(hub, token, { state: 'waiting-for-jobs' })
  expect(json).toMatchObject({ action: 'run-job', job_id: id })
  expect(hub.job(older)?.state).toBe('queued')
})

test('a job of another type is not available', async () => {
  const hub = await openHub({ moreTypes: { 's1-other': 'other-token' } })
  const [id] = hub.queue({ commands: ['true'], type: 's1-other' })
  expect((await register(hub, { name: 'agent-001', single_job: true, job_id: id })).status).toBe(400)
  expect(
    (await register(hub, { name: 'agent-001', single_job: true, job_id: id }, 'other-token')).status,
  ).toBe(201)
})

test('every refusal is an event with its reason', async () => {
  const hub = await openHub()
  await register(hub, { name: 'agent.001' })
  expect(hub.events().find(({ event }) => event === 'refused')).toMatchObject({
    agent: 'agent.001',
    status: 400,
    why: expect.stringContaining('must follow the pattern'),
  })
})
