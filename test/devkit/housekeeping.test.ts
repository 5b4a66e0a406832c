import { expect, test } from 'vitest'
import { admitted, handClock, openHub, register, syncCall } from './support.ts'

async function quietHub() {
  const clock = handClock()
  return { clock, hub: await openHub({ clock, sweepMs: 0 }) }
}

test('an agent that never synced goes after a minute, and its job fails', async () => {
  const { clock, hub } = await quietHub()
  const [id = ''] = hub.queue({ commands: ['true'] })
  hub.setKnobs({ loseRegisterReplies: 1 })
  await expect(register(hub, { name: 'agent-001', single_job: true, job_id: id })).rejects.toThrow()
  clock.pass(60_000)
  hub.sweep()
  expect(hub.agents()).toHaveLength(1)
  clock.pass(1)
  hub.sweep()
  expect(hub.agents()).toEqual([])
  expect(hub.job(id)).toMatchObject({ state: 'finished', result: 'failed', handedOut: 0, runs: 0 })
  expect(hub.events().at(-1)).toMatchObject({ event: 'dropped', why: 'never synced', job: id })
})

test('an idle agent goes after three silent minutes', async () => {
  const { clock, hub } = await quietHub()
  const token = await admitted(hub)
  await syncCall(hub, token, { state: 'waiting-for-jobs' })
  clock.pass(180_000)
  hub.sweep()
  expect(hub.agents()).toHaveLength(1)
  clock.pass(1)
  hub.sweep()
  expect((await syncCall(hub, token, { state: 'waiting-for-jobs' })).status).toBe(404)
})

test('a busy agent goes after fifteen, and its job fails', async () => {
  const { clock, hub } = await quietHub()
  const [id = ''] = hub.queue({ commands: ['true'] })
  const token = await admitted(hub)
  await syncCall(hub, token, { state: 'waiting-for-jobs' })
  await syncCall(hub, token, { state: 'running-job', job_id: id })
  clock.pass(900_000)
  hub.sweep()
  expect(hub.job(id)?.state).toBe('running')
  clock.pass(1)
  hub.sweep()
  expect(hub.job(id)?.result).toBe('failed')
})

test('figures can be set, and a job that found no agent in a day stops', async () => {
  const { clock, hub } = await quietHub()
  hub.setKnobs({ staleness: { neverSyncedMs: 5 } })
  await admitted(hub)
  clock.pass(6)
  hub.sweep()
  expect(hub.agents()).toEqual([])
  const [id = ''] = hub.queue({ commands: ['true'] })
  clock.pass(86_400_001)
  hub.sweep()
  expect(hub.job(id)?.result).toBe('stopped')
})

test('the idle timeout counts from the last change of state', async () => {
  const { clock, hub } = await quietHub()
  const token = await admitted(hub, { idle_timeout: 10 })
  const waiting = () => syncCall(hub, token, { state: 'waiting-for-jobs' })
  await waiting()
  clock.pass(9_999)
  expect((await waiting()).json.action).toBe('continue')
  clock.pass(1)
  expect((await waiting()).json).toMatchObject({ action: 'shutdown', shutdown_reason: 'idle' })
})

test('a delayed job is in no list before its time', async () => {
  const { clock, hub } = await quietHub()
  const token = await admitted(hub)
  const [late] = hub.queue([{ commands: ['true'], 'delay-ms': 1000 }])
  expect((await syncCall(hub, token, { state: 'waiting-for-jobs' })).json.action).toBe('continue')
  clock.pass(1000)
  expect((await syncCall(hub, token, { state: 'waiting-for-jobs' })).json.job_id).toBe(late)
})
