import { contractError } from '@agentctl/contract'
import { type Listening, listen } from '../effects/http-listen.ts'
import { messageOf } from '../errors/message.ts'
import type { CapacityTick } from '../operations/capacity.ts'
import { capacityJson } from '../views/capacity.ts'

/** Healthy is who has completed a look within this time. Unit: milliseconds. */
const healthyMs = 5 * 60_000

export interface Exporter extends AsyncDisposable {
  readonly address: string
  readonly see: (tick: CapacityTick, tookMs: number) => void
  readonly trouble: () => void
}

/** `/metrics` for Prometheus and `/healthz`, on an address. @throws `invalid-spec` when it cannot be had */
export async function openExporter(address: string, now: () => number): Promise<Exporter> {
  const { Counter, Gauge, Histogram, Registry } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `agentctl_${name}`, help, labelNames, registers })
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name: `agentctl_${name}`, help, labelNames, registers })

  const machines = gauge('machines', 'Machines by pool and phase', 'pool', 'phase')
  const most = gauge('pool_max', 'Machines that a pool may have', 'pool')
  const jobs = gauge('jobs', 'Jobs by the hub', 'agent_type', 'state')
  const wants = gauge('wants', 'Jobs and places for machines, by how they stand', 'agent_type', 'state')
  const limited = gauge('hub_limited', 'The hub lists jobs that it does not grant', 'agent_type')
  const breakers = gauge('breaker_open', 'Launches wait after boots that failed, or for a quota', 'pool')
  const unseen = gauge('unseen', 'Scopes, queues and agents that could not be read')
  const seenAt = gauge('last_tick_timestamp_seconds', 'When the last look was complete')
  const launched = counter('launched_total', 'Machines asked for', 'pool')
  const ended = counter('ended_total', 'Ends asked for', 'pool', 'reason')
  const ticks = counter('ticks_total', 'Looks, by how they went', 'outcome')
  const took = new Histogram({
    name: 'agentctl_tick_seconds',
    help: 'How long a look and what follows from it take',
    buckets: [0.1, 0.3, 1, 3, 10, 30, 100],
    registers,
  })

  let lastAt = now()
  const listening = await listenOn(address, async path => {
    if (path === '/metrics')
      return { status: 200, type: registry.contentType, body: await registry.metrics() }
    if (path !== '/healthz') return undefined
    const ageS = Math.round((now() - lastAt) / 1000)
    const isHealthy = now() - lastAt <= healthyMs
    return { status: isHealthy ? 200 : 503, type: 'text/plain', body: `last look ${ageS} s ago\n` }
  })
  return {
    address: listening.address,
    trouble: () => ticks.inc({ outcome: 'failed' }),
    see(tick, tookMs) {
      const { pools, types, actions } = capacityJson(tick)
      lastAt = now()
      seenAt.set(lastAt / 1000)
      took.observe(tookMs / 1000)
      unseen.set(tick.unseen.length)
      ticks.inc({ outcome: tick.unseen.length > 0 ? 'partial' : 'complete' })
      for (const one of [machines, wants]) one.reset()
      for (const { pool, max, phases, breaker } of pools) {
        most.set({ pool }, max)
        breakers.set({ pool }, breaker ? 1 : 0)
        for (const [phase, count] of Object.entries(phases)) machines.set({ pool, phase }, count)
      }
      for (const { agentType, queued, running, isHubLimited, wants: states } of types) {
        if (queued !== null) jobs.set({ agent_type: agentType, state: 'queued' }, queued)
        if (running !== null) jobs.set({ agent_type: agentType, state: 'running' }, running)
        limited.set({ agent_type: agentType }, isHubLimited ? 1 : 0)
        for (const [state, count] of Object.entries(states))
          wants.set({ agent_type: agentType, state }, count)
      }
      for (const { kind, pool, units, reason } of actions) {
        if (kind === 'launch') launched.inc({ pool }, units.length)
        if (kind === 'terminate') ended.inc({ pool, reason: reason ?? '' }, units.length)
      }
    },
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  }
}

async function listenOn(address: string, answer: Parameters<typeof listen>[1]): Promise<Listening> {
  const found = /^(.+):(\d{1,5})$/.exec(address)
  const port = Number(found?.[2])
  if (!found?.[1] || port > 65_535) {
    throw contractError('invalid-spec', `--listen ${address} is no address`, {
      hint: 'Write 127.0.0.1:9464, or none.',
    })
  }
  try {
    return await listen({ host: found[1].replace(/^\[(.*)\]$/, '$1'), port }, answer)
  } catch (cause) {
    throw contractError('invalid-spec', `Cannot listen on ${address}: ${messageOf(cause)}`, {
      cause,
      hint: 'Another agentctl may be there: give --listen another port, or none.',
    })
  }
}
