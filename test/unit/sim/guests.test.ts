import {
  agentGuest,
  createDice,
  createSim,
  doubledJobs,
  type GuestHub,
  type Knobs,
  minutesPastExpiry,
} from '@agentctl/provider-sim'
import { describe, expect, it } from 'vitest'
import { callOf, listOf, requestOf } from './request.ts'

async function launched(knobs: Partial<Knobs>, hub: GuestHub, lifeMs = 3_600_000) {
  const guest = agentGuest(hub, { agentMs: [5000, 5000], dice: createDice('guests') })
  const sim = createSim({ guest, knobs: { bootMs: [10_000, 10_000], ...knobs } })
  const provider = sim.open('acme')
  const request = await requestOf(sim, provider, 'one', { lifeMs })
  const { instances } = await sim.clock.drive(provider.launch(request, callOf(sim.clock)))
  const [instance] = instances
  if (instance === undefined) throw new Error('nothing was made')
  const console = () =>
    sim.clock.drive(provider.consoleTail?.(instance, callOf(sim.clock)) ?? Promise.resolve(''))
  const state = async () => (await listOf(sim, provider)).find(({ id }) => id === instance.id)?.state
  return { ...sim, provider, instance, request, console, state }
}

describe('a simulated guest', () => {
  it('registers for its unit, runs the job, and powers off', async () => {
    const seen: unknown[] = []
    const hub: GuestHub = {
      register({ unit }) {
        seen.push(unit)
        return { jobMs: 60_000 }
      },
      finished: ({ id }) => void seen.push(id),
    }
    const { clock, request, instance, console, state } = await launched({}, hub)
    await clock.advance(20_000)
    expect(await state()).toBe('running')
    await clock.advance(70_000)
    expect(seen).toEqual([request.units[0], instance.id])
    expect(await state()).toBe('stopped')
    expect((await console()).match(/phase=\S+/g)).toEqual(
      ['timers-set', 'agent-started', 'online', 'offline'].map(phase => `phase=${phase}`),
    )
  })

  it('tries again while it is refused, and then gives up', async () => {
    let tries = 0
    const hub: GuestHub = {
      register() {
        tries += 1
        return undefined
      },
    }
    const { clock, console, state } = await launched({}, hub)
    await clock.advance(400_000)
    expect(tries).toBeGreaterThan(5)
    expect(await console()).toContain('phase=refused')
    expect(await state()).toBe('stopped')
  })

  it('stops in the middle of its job when it is terminated', async () => {
    let finished = 0
    const hub: GuestHub = {
      register: () => ({ jobMs: 60_000 }),
      finished() {
        finished += 1
      },
    }
    const { clock, provider, instance, cloud } = await launched({}, hub)
    await clock.advance(30_000)
    await clock.drive(provider.terminate(instance, callOf(clock)))
    await clock.advance(100_000)
    expect(finished).toBe(0)
    expect(cloud.left('acme')).toEqual([])
  })

  it('prints why its boot failed', async () => {
    const bootFailure = { chance: 1, text: 'cloud-init: no network' }
    const { clock, console, state } = await launched({ bootFailure }, { register: () => undefined })
    await clock.advance(20_000)
    expect(await console()).toContain('cloud-init: no network')
    expect(await state()).toBe('stopped')
  })

  it.each([
    ['silentChance', 'stopped'],
    ['wedgedChance', 'running'],
  ] as const)('with %s it is %s after its expiry', async (knob, expected) => {
    const { clock, state, cloud } = await launched({ [knob]: 1 }, { register: () => ({ jobMs: 1 }) }, 600_000)
    await clock.advance(660_000)
    expect(await state()).toBe(expected)
    expect(minutesPastExpiry(cloud.ledger, cloud.now()) > 0.1).toBe(expected === 'running')
  })

  it('doubled jobs are found in the ledger', async () => {
    const { cloud, provider, request, clock } = await launched({}, { register: () => ({ jobMs: 1000 }) })
    expect(doubledJobs(cloud.ledger).size).toBe(0)
    const again = { ...request, launchId: request.launchId.replace(/.$/, '7') }
    await clock.drive(provider.launch(again, callOf(clock)))
    expect([...doubledJobs(cloud.ledger).keys()]).toEqual([request.units[0]?.jobId])
  })
})
