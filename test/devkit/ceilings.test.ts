import { expect, test } from 'vitest'
import { admitted, call, openHub, register, syncCall } from './support.ts'

const base = '/api/v1/self_hosted_agents'

test('over the agent ceiling registration is 422, until an agent goes', async () => {
  const hub = await openHub({ knobs: { organizationCeiling: 1 } })
  const token = await admitted(hub)
  const refused = await register(hub, { name: 'test-agent-2' })
  expect([refused.status, refused.text.trim()]).toEqual([
    422,
    'agent quota for organization has been reached',
  ])
  await call(hub, 'POST', `${base}/disconnect`, { token })
  expect((await register(hub, { name: 'test-agent-2' })).status).toBe(201)
})

test('a lowered ceiling disables agents at their sync until enough are gone', async () => {
  const hub = await openHub()
  const first = await admitted(hub)
  const second = await admitted(hub, { name: 'test-agent-2' })
  hub.setKnobs({ organizationCeiling: 1 })
  expect((await syncCall(hub, first, { state: 'waiting-for-jobs' })).json).toMatchObject({
    action: 'shutdown',
    shutdown_reason: 'requested',
  })
  expect((await syncCall(hub, second, { state: 'waiting-for-jobs' })).json.action).toBe('continue')
})

test('without the feature nothing registers and everything leaves', async () => {
  const hub = await openHub()
  const token = await admitted(hub)
  hub.setKnobs({ featureDisabled: true })
  const refused = await register(hub, { name: 'test-agent-2' })
  expect([refused.status, refused.text.trim()]).toEqual([
    422,
    'self_hosted_agents feature is not available for the organization',
  ])
  expect((await syncCall(hub, token, { state: 'waiting-for-jobs' })).json.action).toBe('shutdown')
})

test('jobs over the ceiling are listed, not counted as queued, and refused at registration', async () => {
  const hub = await openHub({ knobs: { jobsGrantedMax: 1 } })
  const [first = '', second = ''] = hub.queue([{ commands: ['true'] }, { commands: ['true'] }])
  const bound = (job: string, name: string) => register(hub, { name, single_job: true, job_id: job })
  const listed = await call(hub, 'GET', `${base}/jobs`, { token: hub.token })
  expect(listed.json.jobs).toEqual([{ id: second }, { id: first }])
  expect((await call(hub, 'GET', `${base}/metrics`, { token: hub.token })).json.jobs).toEqual({
    queued: 1,
    running: 0,
  })
  expect((await bound(second, 'agent-002')).text.trim()).toBe('job not available')
  const { json } = await bound(first, 'agent-001')
  // The one that is taken still fills the ceiling, until it is finished.
  expect((await bound(second, 'agent-002')).status).toBe(400)
  await syncCall(hub, json.token, { state: 'waiting-for-jobs' })
  expect((await bound(second, 'agent-002')).status).toBe(400)
  await syncCall(hub, json.token, { state: 'finished-job', job_id: first, job_result: 'passed' })
  expect((await bound(second, 'agent-002')).status).toBe(201)
})

test('a ceiling of none, and its lifting', async () => {
  const hub = await openHub()
  const [id = ''] = hub.queue({ commands: ['true'] })
  hub.setKnobs({ jobsGrantedMax: 0 })
  expect(hub.job(id)?.state).toBe('pending')
  const token = await admitted(hub)
  expect((await syncCall(hub, token, { state: 'waiting-for-jobs' })).json.action).toBe('continue')
  hub.setKnobs({ jobsGrantedMax: null })
  expect((await syncCall(hub, token, { state: 'waiting-for-jobs' })).json).toMatchObject({
    action: 'run-job',
    job_id: id,
  })
})
