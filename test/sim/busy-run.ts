import { createDice, type GuestScript } from '@agentctl/provider-sim'
import { type History, readHistory } from '../../src/operations/history.ts'
import { cron } from './capacity-rig.ts'
import { createHub } from './queue.ts'
import { createRig, type Rig, type RigOptions } from './rig.ts'

const minute = 60_000

/** What those machines cost, an hour. */
export const prices = {
  currency: 'USD',
  pools: {
    p: { perHour: 0.1008, offerings: { 'c7i.large/spot': 0.0357, 'm7i.large/spot': 0.0403 } },
    p1: { perHour: 0.0971, offerings: {} },
  },
}

export interface BusyRun extends Disposable {
  readonly rig: Rig
  readonly history: History
}

const options: RigOptions = {
  seed: 'busy',
  traits: { console: 'live' },
  pools: [
    {
      capacity: { max: 30 },
      spec: { types: ['c7i.large', 'm7i.large'], zones: ['a', 'b'], market: ['spot', 'on-demand'] },
    },
    { capacity: { max: 15 }, spec: { region: 'sim-2', types: ['n2.large'] } },
  ],
  knobs: {
    chances: {
      launch: { throttled: 0.1, 'stock-out': 0.06, 'answer-lost': 0.03 },
      list: { 'server-error': 0.02 },
    },
    bootFailure: { chance: 0.04, text: 'cloud-init: failed to fetch the agent: 503 Service Unavailable' },
    breakChance: 0.02,
    silentChance: 0.02,
    reclaim: { chance: 0.08, afterMs: [minute, 4 * minute] },
  },
}

/**
 * Two hundred jobs in three waves on the simulated cloud, in virtual time, with two pools whose cloud throttles, runs
 * out of stock, takes machines back, and boots some that fail; `capacity run` by cron. The same each time.
 */
export async function busyRun(): Promise<BusyRun> {
  const lengths = createDice('lengths')
  const rig: Rig = createRig({
    ...options,
    hubOn: clock => {
      const hub = createHub(clock, { count: 0, agentTimeoutMs: minute, agentMs: 9_000 })
      return { ...hub, guest: sincePowerOn(hub.guest, id => rig.sim.cloud.ledger.lives.get(id)?.from) }
    },
  })
  const come = (count: number) => {
    for (let at = 0; at < count; at++) rig.hub.add(1, lengths.within([minute, 6 * minute]))
  }
  for (const [count, minutes] of [
    [60, 10],
    [90, 15],
    [50, 30],
  ] as const) {
    come(count)
    await cron(rig, minutes, { forMs: 55_000 })
  }
  const history = await readHistory(rig.context(), rig.startedAt)
  return { rig, history, [Symbol.dispose]: () => rig[Symbol.dispose]() }
}

/** Real guests count from their power-on, those of the simulation from the end of their boot. */
function sincePowerOn(guest: GuestScript, createdAt: (id: string) => number | undefined): GuestScript {
  return machine => {
    const now = machine.clock.now()
    const bootS = (now - (createdAt(machine.id) ?? now)) / 1000
    const later = (_: string, seconds: string) => `t=${(Number(seconds) + bootS).toFixed(3)}`
    return guest({ ...machine, print: line => machine.print(line.replace(/t=(\d+\.\d+)$/, later)) })
  }
}
