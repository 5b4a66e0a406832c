import { createSim, machineMinutes } from '@agentctl/provider-sim'
import { capacityRun } from '../../../src/operations/capacity-run.ts'
import { createHub, type SimHub } from '../../sim/queue.ts'
import { createRig } from '../../sim/rig.ts'
import { type IncumbentOptions, runIncumbent } from './incumbent.ts'
import type { Arrival } from './trace.ts'

const minute = 60_000

/** What one way of running a day came to. */
export interface Figures {
  readonly name: string
  readonly jobs: number
  readonly unfinished: number
  readonly waitMedianS: number
  readonly waitP95S: number
  /** Agents online and without a job. */
  readonly idleMinutes: number
  /** All that was paid for. */
  readonly machineMinutes: number
  readonly launches: number
  readonly hubCalls: number
  readonly cloudCalls: number
}

/** Both boot for 40 to 60 seconds, and wait for a job for five minutes at most. */
const machines = {
  knobs: { bootMs: [40_000, 60_000] },
  traits: { launchBatchMax: 100, pageSize: 1000, settleMs: 0, poweroff: 'deletes', console: 'none' },
} as const
const guests = { count: 0, agentMs: 5_000, agentTimeoutMs: minute, idleMs: 5 * minute } as const

interface Day {
  readonly arrivals: readonly Arrival[]
  /** When the day begins, from midnight. Unit: milliseconds. */
  readonly from: number
  readonly lengthMs: number
  readonly seed: string
}

export type CapacitySection = Readonly<Record<string, unknown>>

/** The real engine, on a journal of its own, with the ticks of `capacity serve`. */
export async function replayOurs(name: string, capacity: CapacitySection, day: Day): Promise<Figures> {
  using rig = createRig({
    ...guests,
    ...machines,
    seed: day.seed,
    binding: 'queue',
    pool: {
      capacity,
      timeouts: { boot: '5m', agent: '2m', idle: '5m', job: '1h', total: '3h' },
    },
  })
  const { clock, cloud } = rig.sim
  await clock.advance(day.from)
  const wake = new AbortController()
  const run = capacityRun(rig.context(), {
    ...{ only: undefined, forMs: 48 * 60 * minute, deadlineMs: 49 * 60 * minute },
    wake: wake.signal,
    onTick: () => undefined,
  })
  await feed(rig.hub, clock, day)
  const calls = [...cloud.ledger.calls.values()].reduce((sum, count) => sum + count, 0)
  const { queue, agents } = rig.hub.asked
  const result = figuresOf(name, rig.hub, {
    machineMinutes: machineMinutes(cloud.ledger, cloud.now()),
    launches: cloud.ledger.lives.size,
    hubCalls: queue + agents,
    cloudCalls: calls,
  })
  wake.abort()
  await rig.drive(run)
  return result
}

/** The incumbent, on the same cloud with the same guests and the same jobs. */
export async function replayIncumbent(name: string, options: IncumbentOptions, day: Day): Promise<Figures> {
  let script: SimHub['guest'] | undefined
  const sim = createSim({
    seed: day.seed,
    ...machines,
    guest: machine => (script ?? Promise.resolve)(machine) as Promise<void>,
  })
  const hub = createHub(sim.clock, guests)
  script = hub.guest
  await sim.clock.advance(day.from)
  const { calls } = runIncumbent(sim, hub, options)
  await feed(hub, sim.clock, day)
  const { ledger } = sim.cloud
  return figuresOf(name, hub, {
    machineMinutes: machineMinutes(ledger, sim.cloud.now()),
    launches: ledger.lives.size,
    hubCalls: hub.asked.queue,
    cloudCalls: calls() - hub.asked.queue,
  })
}

async function feed(
  hub: SimHub,
  clock: { now(): number; advance(ms: number): Promise<void> },
  { arrivals, from, lengthMs }: Day,
): Promise<void> {
  const startedAt = clock.now() - from
  for (const { at, count, jobMs } of arrivals) {
    await clock.advance(Math.max(0, startedAt + at - clock.now()))
    hub.add(count, jobMs)
  }
  await clock.advance(startedAt + from + lengthMs - clock.now())
  // Until the last job is over, and whoever waits for another has given up.
  while ([...hub.jobs.values()].some(job => job.state !== 'finished')) await clock.advance(minute)
  await clock.advance(guests.idleMs + minute)
}

type Costs = Pick<Figures, 'machineMinutes' | 'launches' | 'hubCalls' | 'cloudCalls'>

function figuresOf(name: string, hub: SimHub, costs: Costs): Figures {
  const jobs = [...hub.jobs.values()]
  const waits = jobs
    .flatMap(({ queuedAt, startedAt }) => (startedAt === undefined ? [] : [startedAt - queuedAt]))
    .toSorted((one, other) => one - other)
  const at = (share: number) => Math.round((waits[Math.floor(waits.length * share)] ?? 0) / 100) / 10
  return {
    name,
    jobs: jobs.length,
    unfinished: jobs.filter(job => job.state !== 'finished').length,
    waitMedianS: at(0.5),
    waitP95S: at(0.95),
    idleMinutes: Math.round(hub.idledMs / minute),
    ...costs,
    machineMinutes: Math.round(costs.machineMinutes),
  }
}
