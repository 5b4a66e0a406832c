import type { Registry } from 'prom-client'

/** Waits of a cloud and of people: from a second to a day. Unit: seconds. */
const lifeBuckets = [1, 3, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400]
const callBuckets = [0.03, 0.1, 0.3, 1, 3, 10, 30, 60]
const tickBuckets = [0.1, 0.3, 1, 3, 10, 30, 100]
/** A commit is one round to a database, or a few; without an answer it is given up. */
const commitBuckets = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]

/** Everything that Prometheus is told, in a registry of its own; the library is loaded where it is wanted. */
export async function openInstruments() {
  const { Counter, Gauge, Histogram, Registry } = await import('prom-client')
  const registry: Registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `agentctl_${name}`, help, labelNames, registers })
  /** Without labels it stands at 0 from the start: to be told only where it means something. */
  const silent = (name: string, help: string) => {
    const one = gauge(name, help)
    one.remove()
    return one
  }
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name: `agentctl_${name}`, help, labelNames, registers })
  const histogram = (name: string, help: string, buckets: number[], ...labelNames: string[]) =>
    new Histogram({ name: `agentctl_${name}`, help, labelNames, buckets, registers })
  return {
    registry,
    machines: gauge('machines', 'Machines by pool and phase', 'pool', 'phase'),
    max: gauge('pool_max', 'Machines that a pool may have', 'pool'),
    held: gauge('held', 'Machines that are kept for debugging', 'pool'),
    orphans: gauge('orphans', 'Machines that are there past their deadline', 'pool'),
    jobs: gauge('jobs', 'Jobs by the hub', 'agent_type', 'state'),
    wants: gauge('wants', 'Jobs and places for machines, by how they stand', 'agent_type', 'state'),
    limited: gauge('hub_limited', 'The hub lists jobs that it does not grant', 'agent_type'),
    breakers: gauge('breaker_open', 'Launches wait after boots that failed, or for a quota', 'pool'),
    unseen: gauge('unseen', 'Scopes, queues and agents that could not be read'),
    tickAt: gauge('last_tick_timestamp_seconds', 'When the last look was complete'),
    hubAt: gauge('hub_seen_timestamp_seconds', 'When the queue of a type was read last', 'agent_type'),
    scopeAt: gauge('scope_seen_timestamp_seconds', 'When a scope was listed last', 'provider', 'scope'),
    launched: counter('launched_total', 'Machines asked for', 'pool'),
    gone: counter('gone_total', 'Machines that are gone, by why they ended', 'pool', 'reason'),
    swept: counter('swept_total', 'Leftovers that were ended, by their kind', 'kind'),
    stopped: counter(
      'jobs_stopped_total',
      'Jobs that were ended at the hub for want of a machine',
      'agent_type',
    ),
    ticks: counter('ticks_total', 'Looks, by how they went', 'outcome'),
    calls: counter(
      'api_calls_total',
      'Calls of clouds, by how they ended: ok, or the error code',
      'provider',
      'class',
      'outcome',
    ),
    throttles: counter('api_throttles_total', 'Calls that a cloud refused as too many', 'provider', 'class'),
    callTook: histogram(
      'api_call_duration_seconds',
      'How long calls of clouds take',
      callBuckets,
      'provider',
      'class',
    ),
    tickTook: histogram(
      'tick_duration_seconds',
      'How long a look and what follows from it take',
      tickBuckets,
    ),
    phases: histogram(
      'phase_duration_seconds',
      'How long machines were in a phase',
      lifeBuckets,
      'pool',
      'phase',
    ),
    starts: histogram(
      'start_duration_seconds',
      'From the wish for a machine to its agent being online',
      lifeBuckets,
      'pool',
    ),
    hosts: gauge('hosts', 'Hosts that share the coordinator, by what they do', 'state'),
    works: gauge('works', 'Works of all hosts, by whether anybody holds them', 'state'),
    workHeld: gauge('work_held', '1 for a work that this host holds', 'work', 'host'),
    coordinatorUp: silent('coordinator_up', 'Whether the coordinator answered the last beat'),
    beatAt: silent('coordinator_beat_timestamp_seconds', 'When the coordinator answered last, by its clock'),
    clockAhead: silent('host_clock_ahead_seconds', 'The time of this host less that of the coordinator'),
    lost: counter('tenures_lost_total', 'Works that were taken from this host'),
    commitTook: histogram(
      'commit_duration_seconds',
      'How long commits at the coordinator take',
      commitBuckets,
    ),
  }
}

export type Instruments = Awaited<ReturnType<typeof openInstruments>>
