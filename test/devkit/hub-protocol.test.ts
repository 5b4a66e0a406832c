import { expect, test } from 'vitest'
import { admitted, call, openHub, register, syncCall } from './support.ts'

const base = '/api/v1/self_hosted_agents'

test('the queue: newest first in the list, oldest first to agents, counts beside it', async () => {
  const hub = await openHub()
  const ids = hub.queue([1, 2, 3].map(() => ({ commands: ['true'] })))
  const list = async () => (await call(hub, 'GET', `${base}/jobs`, { token: hub.token })).json.jobs
  const metrics = async () => (await call(hub, 'GET', `${base}/metrics`, { token: hub.token })).json
  expect(await list()).toEqual(ids.toReversed().map(id => ({ id })))
  expect(await metrics()).toEqual({ jobs: { queued: 3, running: 0 }, agents: { idle: 0, occupied: 0 } })
  expect((await call(hub, 'GET', `${base}/occupancy`, { token: hub.token })).json).toEqual({
    queued: 3,
    running: 0,
  })

  const bound = await register(hub, { name: 'agent-001', single_job: true, job_id: ids[1] })
  expect(await list()).toHaveLength(3) // taken, but not started
  expect((await syncCall(hub, bound.json.token, { state: 'waiting-for-jobs' })).json.job_id).toBe(ids[1])
  const token = await admitted(hub)
  expect((await syncCall(hub, token, { state: 'waiting-for-jobs' })).json.job_id).toBe(ids[0])
  expect(await list()).toEqual([{ id: ids[2] }])
  expect(await metrics()).toEqual({ jobs: { queued: 1, running: 2 }, agents: { idle: 0, occupied: 2 } })
})

test('at most 500 jobs are listed', async () => {
  const hub = await openHub()
  hub.queue(Array.from({ length: 501 }, () => ({ commands: ['true'] })))
  expect((await call(hub, 'GET', `${base}/jobs`, { token: hub.token })).json.jobs).toHaveLength(500)
  expect((await call(hub, 'GET', `${base}/metrics`, { token: hub.token })).json.jobs.queued).toBe(501)
})

test('a job goes to the agent that has it, and to no other', async () => {
  const hub = await openHub()
  const [id = ''] = hub.queue({ commands: ['echo hi'], env: { A: 'b' }, epilogue_always: ['echo bye'] })
  const token = await admitted(hub)
  const other = await admitted(hub, { name: 'test-agent-2' })
  const fetchJob = (asked: string) => call(hub, 'GET', `${base}/jobs/${id}`, { token: asked })
  expect((await fetchJob(token)).status).toBe(404)
  await syncCall(hub, token, { state: 'waiting-for-jobs' })
  expect((await fetchJob(other)).status).toBe(404)
  const { json } = await fetchJob(token)
  expect(json).toMatchObject({
    job_id: id,
    commands: [{ directive: 'echo hi', alias: '' }],
    epilogue_always_commands: [{ directive: 'echo bye', alias: '' }],
    logger: { method: 'push', url: `${hub.url}/api/v1/logs/${id}` },
  })
  const variables = new Map(
    json.env_vars.map(({ name, value }: { name: string; value: string }) => [
      name,
      Buffer.from(value, 'base64').toString(),
    ]),
  )
  expect(variables.get('A')).toBe('b')
  expect(variables.get('SEMAPHORE_JOB_ID')).toBe(id)
  await fetchJob(token)
  expect(hub.job(id)).toMatchObject({ handedOut: 1, runs: 1 })
})

test('a repeated wait gets the same job again, a repeated result changes nothing', async () => {
  const hub = await openHub()
  const [id = ''] = hub.queue([{ commands: ['true'] }, { commands: ['true'] }])
  const token = await admitted(hub, { single_job: true })
  await syncCall(hub, token, { state: 'waiting-for-jobs' })
  expect((await syncCall(hub, token, { state: 'waiting-for-jobs' })).json.job_id).toBe(id)
  expect(hub.job(id)?.handedOut).toBe(2)
  await syncCall(hub, token, { state: 'finished-job', job_id: id, job_result: 'passed' })
  await syncCall(hub, token, { state: 'finished-job', job_id: id, job_result: 'failed' })
  expect(hub.job(id)?.result).toBe('passed')
})

test('an agent of many jobs is released and gets the next', async () => {
  const hub = await openHub()
  const [first = '', second = ''] = hub.queue([{ commands: ['true'] }, { commands: ['true'] }])
  const token = await admitted(hub)
  await syncCall(hub, token, { state: 'waiting-for-jobs' })
  const done = await syncCall(hub, token, { state: 'finished-job', job_id: first, job_result: 'failed' })
  expect(done.json.action).toBe('wait-for-jobs')
  expect((await syncCall(hub, token, { state: 'waiting-for-jobs' })).json.job_id).toBe(second)
})

test('logs: token, place, amount', async () => {
  const hub = await openHub()
  const [id = ''] = hub.queue({ commands: ['true'] })
  const token = await admitted(hub)
  const refresh = () => call(hub, 'POST', `${base}/refresh`, { token })
  expect((await refresh()).status).toBe(422) // no job, no log token
  await syncCall(hub, token, { state: 'waiting-for-jobs' })
  const { logger } = (await call(hub, 'GET', `${base}/jobs/${id}`, { token })).json
  const push = (query: string, lines: string[], bearer = logger.token) =>
    call(hub, 'POST', `/api/v1/logs/${id}${query}`, {
      headers: { authorization: `Bearer ${bearer}` },
      body: lines.join('\n'),
    }).then(({ status }) => status)
  const output = (text: string) => JSON.stringify({ event: 'cmd_output', output: text })
  expect(await push('?start_from=0', [output('a'), output('b')])).toBe(200)
  expect(await push('?start_from=1', [output('B'), output('c')])).toBe(200)
  expect(hub.log(id)).toBe('aBc')
  expect(await push('', [output('d')])).toBe(400)
  expect(await push('?start_from=0', [output('d')], 'stale')).toBe(401)
  expect(
    await push(
      '?start_from=0',
      Array.from({ length: 2001 }, () => output('x')),
    ),
  ).toBe(413)
  const fresh = (await refresh()).json.token
  expect(await push('?start_from=3', [output('d')])).toBe(401)
  expect(await push('?start_from=3', [output('d')], fresh)).toBe(200)
})

test('a sync that makes no sense is 422; the root answers without a token', async () => {
  const hub = await openHub()
  const token = await admitted(hub)
  expect((await syncCall(hub, token, { state: 'dancing' })).status).toBe(422)
  expect((await call(hub, 'GET', '/')).status).toBe(200)
})
