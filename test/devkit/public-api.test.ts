import { expect, test } from 'vitest'
import { admitted, call, handClock, openHub, register, syncCall } from './support.ts'

const api = '/api/v1alpha'

test('needs the API token, and can be left out', async () => {
  const hub = await openHub()
  for (const token of [undefined, hub.token, 'nonsense']) {
    const answer = await call(hub, 'GET', `${api}/agents`, token === undefined ? {} : { token })
    expect([answer.status, answer.text]).toEqual([401, 'Permission denied'])
  }
  const without = await openHub({ publicApi: false })
  expect((await call(without, 'GET', `${api}/agents`, { token: without.apiToken })).status).toBe(404)
})

test('one agent, in the words of the real one', async () => {
  const hub = await openHub()
  const token = await admitted(hub, {
    version: 'v2.4.0',
    os: 'Debian',
    arch: 'x86_64',
    hostname: 'host',
    pid: 12,
  })
  const get = (path: string) => call(hub, 'GET', `${api}${path}`, { token: hub.apiToken })
  expect((await get('/agents/test-agent-1')).json).toEqual({
    metadata: {
      name: 'test-agent-1',
      type: 's1-local',
      version: 'v2.4.0',
      os: 'Debian',
      arch: 'x86_64',
      hostname: 'host',
      ip_address: '127.0.0.1',
      pid: 12,
      connected_at: expect.any(Number),
    },
    status: { state: 'waiting_for_job' },
  })
  const [id = ''] = hub.queue({ commands: ['true'] })
  await syncCall(hub, token, { state: 'waiting-for-jobs' })
  await syncCall(hub, token, { state: 'finished-job', job_id: id })
  expect((await get('/agents/test-agent-1')).json.status.state).toBe('running_job')
  hub.disableAgent('test-agent-1')
  expect((await get('/agents/test-agent-1')).json.metadata.disabled_at).toEqual(expect.any(Number))
  await call(hub, 'POST', '/api/v1/self_hosted_agents/disconnect', { token })
  expect((await get('/agents/test-agent-1')).status).toBe(404)
})

test('a name with slashes', async () => {
  const hub = await openHub()
  await admitted(hub, { name: 'a/b+c/d-e-f' })
  for (const path of ['a/b+c/d-e-f', encodeURIComponent('a/b+c/d-e-f')])
    expect((await call(hub, 'GET', `${api}/agents/${path}`, { token: hub.apiToken })).status).toBe(200)
})

test('the list: by type, in pages', async () => {
  const clock = handClock()
  const hub = await openHub({ clock, sweepMs: 0, moreTypes: { 's1-other': 'other-token' } })
  const names = Array.from({ length: 12 }, (_, index) => `agent-${String(index).padStart(3, '0')}`)
  for (const name of names) {
    await register(hub, { name })
    clock.pass(1)
  }
  await register(hub, { name: 'other-agent' }, 'other-token')
  const list = (query: string) => call(hub, 'GET', `${api}/agents${query}`, { token: hub.apiToken })
  expect((await list('')).json.agents).toHaveLength(13)
  expect((await list('?agent_type=s1-other')).json).toMatchObject({
    agents: [{ metadata: { name: 'other-agent' } }],
    cursor: '',
  })
  const found: string[] = []
  let cursor = ''
  let pages = 0
  do {
    const { json } = await list(`?agent_type=s1-local&page_size=5&cursor=${cursor}`)
    found.push(...json.agents.map(({ metadata }: { metadata: { name: string } }) => metadata.name))
    cursor = json.cursor
    pages += 1
  } while (cursor !== '')
  expect([found, pages]).toEqual([names, 3])
  for (const size of ['4', '201', 'x']) expect((await list(`?page_size=${size}`)).status).toBe(400)
})

test('agent types: made, shown, changed, deleted', async () => {
  const hub = await openHub()
  const token = hub.apiToken
  const path = `${api}/self_hosted_agent_types`
  const make = (name: string, release = 0) =>
    call(hub, 'POST', path, {
      token,
      body: { metadata: { name }, spec: { agent_name_settings: { release_after: release } } },
    })
  for (const [name, release, words] of [
    ['linux', 0, 'must follow the pattern'],
    ['s1-local', 0, 'must by unique'],
    ['s1-new', 59, 'greater than 60'],
  ] as const) {
    const refused = await make(name, release)
    expect([refused.status, refused.json]).toEqual([400, expect.stringContaining(words)])
  }
  const made = await make('s1-new')
  expect(made.json).toMatchObject({
    metadata: { name: 's1-new', create_time: expect.any(Number), update_time: expect.any(Number) },
    spec: { agent_name_settings: { assignment_origin: 'assignment_origin_agent', release_after: 0 } },
    status: { total_agent_count: 0, registration_token: expect.stringMatching(/^[0-9a-f]{80}$/) },
  })
  expect((await register(hub, { name: 'new-agent' }, made.json.status.registration_token)).status).toBe(201)
  const shown = await call(hub, 'GET', `${path}/s1-new`, { token })
  expect(shown.json.status).toEqual({ total_agent_count: 1 })
  expect((await call(hub, 'GET', path, { token })).json.agent_types).toHaveLength(2)
  const changed = await call(hub, 'PATCH', `${path}/s1-new`, {
    token,
    body: { metadata: { name: 's1-new' }, spec: { agent_name_settings: { release_after: 90 } } },
  })
  expect(changed.json.spec.agent_name_settings.release_after).toBe(90)
  expect((await call(hub, 'DELETE', `${path}/s1-new`, { token })).status).toBe(400)
  expect((await call(hub, 'DELETE', `${path}/s1-none`, { token })).status).toBe(404)
})

test.each([
  [{ assignment_origin: 'assignment_origin_agent', aws: { account_id: '1' } }, 'is not allowed'],
  [{ assignment_origin: 'assignment_origin_aws_sts' }, 'AWS information missing'],
  [{ assignment_origin: 'assignment_origin_aws_sts', aws: { account_id: '1' } }, 'patterns cannot be empty'],
  [{ assignment_origin: 'elsewhere' }, 'invalid assignment_origin'],
])('names of agents: %j', async (settings, words) => {
  const hub = await openHub()
  const body = { metadata: { name: 's1-new' }, spec: { agent_name_settings: settings } }
  const made = await call(hub, 'POST', `${api}/self_hosted_agent_types`, { token: hub.apiToken, body })
  expect([made.status, made.json]).toEqual([400, expect.stringContaining(words)])
})

test.each([
  ['{}', [false, true]],
  ['{"only_idle": false}', [true, true]],
  ['only_idle=false', [true, true]],
  ['', [false, true]],
])('disable_all with %j', async (body, expected) => {
  const hub = await openHub()
  hub.queue({ commands: ['true'] })
  const busy = await admitted(hub)
  await syncCall(hub, busy, { state: 'waiting-for-jobs' })
  await admitted(hub, { name: 'idle-agent' })
  const path = `${api}/self_hosted_agent_types/s1-local/disable_all`
  expect((await call(hub, 'POST', path, { token: hub.apiToken, body })).json).toEqual({})
  expect(hub.agents().map(({ disabled }) => disabled)).toEqual(expected)
})

test('a job through its states, and its stop', async () => {
  const hub = await openHub({ knobs: { jobsGrantedMax: 0 } })
  const [id = ''] = hub.queue({ name: 'mine', commands: ['true'] })
  const show = async () => (await call(hub, 'GET', `${api}/jobs/${id}`, { token: hub.apiToken })).json
  expect(await show()).toMatchObject({
    metadata: { id, name: 'mine' },
    status: { state: 'PENDING', result: 'NONE' },
  })
  hub.setKnobs({ jobsGrantedMax: null })
  expect((await show()).status).toEqual({ state: 'QUEUED', result: 'NONE' })
  const token = await admitted(hub)
  await syncCall(hub, token, { state: 'waiting-for-jobs' })
  expect((await show()).status).toEqual({
    state: 'RUNNING',
    result: 'NONE',
    agent: { name: 'test-agent-1', ip: '127.0.0.1', ports: [] },
  })
  await call(hub, 'POST', `${api}/jobs/${id}/stop`, { token: hub.apiToken })
  const stop = await syncCall(hub, token, { state: 'running-job', job_id: id })
  expect(stop.json).toMatchObject({ action: 'stop-job', job_id: id })
  await syncCall(hub, token, { state: 'finished-job', job_id: id, job_result: 'stopped' })
  expect((await show()).status).toMatchObject({ state: 'FINISHED', result: 'STOPPED' })
})

test('a stopped job that waits loses its place at once', async () => {
  const hub = await openHub()
  const [id = ''] = hub.queue({ commands: ['true'] })
  await call(hub, 'POST', `${api}/jobs/${id}/stop`, { token: hub.apiToken })
  expect(hub.job(id)?.result).toBe('stopped')
  expect((await register(hub, { name: 'agent-001', single_job: true, job_id: id })).status).toBe(400)
})
