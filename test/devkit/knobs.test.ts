import { expect, test } from 'vitest'
import { changedKnobs, defaultKnobs, takeAgentFault, takeFault } from '../../plugins/devkit/src/hub/knobs.ts'
import { admitted, call, openHub, register, syncCall } from './support.ts'

const base = '/api/v1/self_hosted_agents'

test('a change names only what it changes', () => {
  const changed = changedKnobs(defaultKnobs(), { registerFailures: 2, staleness: { busySilentMs: 1 } })
  expect(changed).toEqual({
    ...defaultKnobs(),
    registerFailures: 2,
    staleness: { ...defaultKnobs().staleness, busySilentMs: 1 },
  })
})

test('countdowns are used up, names are not', () => {
  const knobs = { ...defaultKnobs(), registerFailures: 2, sync404: 1, syncFailures: ['a'] }
  expect([1, 2, 3].map(() => takeFault(knobs, 'registerFailures'))).toEqual([true, true, false])
  expect(['a', 'a'].map(name => takeAgentFault(knobs, 'sync404', name))).toEqual([true, false])
  expect(['a', 'b', 'a'].map(name => takeAgentFault(knobs, 'syncFailures', name))).toEqual([
    true,
    false,
    true,
  ])
})

test('each fault of a call answers with its status and is an event', async () => {
  const hub = await openHub()
  const token = await admitted(hub)
  const waiting = () => syncCall(hub, token, { state: 'waiting-for-jobs' })
  const get = (path: string, asked: string) => call(hub, 'GET', path, { token: asked })
  const faults: [knob: string, deed: () => Promise<{ status: number }>, status: number, then: number][] = [
    ['registerFailures', () => register(hub, { name: 'test-agent-2' }), 500, 201],
    ['registerRateLimits', () => register(hub, { name: 'test-agent-3' }), 429, 201],
    ['sync404', waiting, 404, 200],
    ['syncFailures', waiting, 500, 200],
    ['metricsFailures', () => get(`${base}/metrics`, hub.token), 500, 200],
    ['metricsFailures', () => get(`${base}/jobs`, hub.token), 500, 200],
    ['publicApiFailures', () => get('/api/v1alpha/agents', hub.apiToken), 500, 200],
    ['jobFetchFailures', () => get(`${base}/jobs/x`, token), 500, 404],
    ['disconnectFailures', () => call(hub, 'POST', `${base}/disconnect`, { token }), 500, 200],
  ]
  for (const [knob, deed, status, then] of faults) {
    hub.setKnobs({ [knob]: 1 })
    expect([knob, (await deed()).status, (await deed()).status]).toEqual([knob, status, then])
    expect(hub.events().findLast(({ event }) => event === 'fault')).toMatchObject({ knob })
  }
})

test('a lost registration reply cuts the connection after registering', async () => {
  const hub = await openHub({ knobs: { loseRegisterReplies: 1 } })
  await expect(register(hub, { name: 'test-agent-1' })).rejects.toThrow()
  expect(hub.agents()).toHaveLength(1)
})

test('slow answers are slow', async () => {
  const hub = await openHub({ knobs: { registerDelayMs: 60, disconnectDelayMs: 60 } })
  const begun = performance.now()
  const token = await admitted(hub)
  const between = performance.now()
  await call(hub, 'POST', `${base}/disconnect`, { token })
  expect(between - begun).toBeGreaterThan(50)
  expect(performance.now() - between).toBeGreaterThan(50)
})

test('failAll leaves the controls alone', async () => {
  const hub = await openHub({ knobs: { failAll: true } })
  expect((await register(hub, {})).status).toBe(500)
  expect((await call(hub, 'GET', '/api/v1alpha/agents', { token: hub.apiToken })).status).toBe(500)
  expect((await call(hub, 'POST', '/dev/knobs', { body: { failAll: false } })).status).toBe(200)
  expect((await register(hub, { name: 'test-agent-1' })).status).toBe(201)
})

test('cancel stops what waits', async () => {
  const hub = await openHub({ knobs: { jobsGrantedMax: 1 } })
  const [first = '', second = '', third = ''] = hub.queue([1, 2, 3].map(() => ({ commands: ['true'] })))
  hub.setKnobs({ cancel: [first] })
  expect([first, second, third].map(id => hub.job(id)?.state)).toEqual(['finished', 'queued', 'pending'])
  hub.setKnobs({ cancel: 'queued' })
  expect(hub.jobs().map(({ result }) => result)).toEqual(['stopped', 'stopped', 'stopped'])
})
