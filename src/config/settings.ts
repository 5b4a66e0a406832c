import { parseAgentSettings } from '../agent/index.ts'
import { splitAgent } from './agent-section.ts'
import { coordinatorOf } from './coordinator.ts'
import { parseDuration } from './duration.ts'
import type { FileConfig } from './schema.ts'
import { parseSecretRef } from './secrets.ts'
import type { AgentSource, AgentType, Capacity, Pool, SecretRef, Settings, Timeouts } from './types.ts'

/** The settings that a complete and correct configuration says. */
export function toSettings(config: FileConfig, isTypeNamed: boolean): Settings {
  const apiToken = config['api-token']
  const { coordinator } = config
  return {
    owner: config.owner ?? '',
    endpoint: config.endpoint ?? '',
    noHttps: config['no-https'],
    ...(apiToken !== undefined && { apiToken: secretOf(apiToken) }),
    ...(coordinator !== undefined && { coordinator: coordinatorOf(coordinator) }),
    stopsUnservableJobs: config['stop-unservable-jobs'],
    agentTypes: mapEntries(config['agent-types'], (name, type) => agentTypeOf(name, type, isTypeNamed)),
    pools: mapEntries(config.pools, poolOf),
    maxMachines: config.capacity.max ?? Number.POSITIVE_INFINITY,
    history: { keepMs: msOf(config.history.keep), megabytesMax: config.history['max-megabytes'] },
    prices: {
      currency: config.prices.currency,
      pools: mapEntries(config.prices.pools, (_, { 'per-hour': perHour, offerings }) => ({
        ...(perHour !== undefined && { perHour }),
        offerings,
      })),
    },
    providers: config.providers,
  }
}

function agentTypeOf(name: string, type: FileConfig['agent-types'][string], isNamed: boolean): AgentType {
  return { name, isNamed, token: secretOf(type.token), binding: type.binding, pools: type.pools }
}

function poolOf(name: string, pool: FileConfig['pools'][string]): Pool {
  const { provider, capacity, attempts, shared, metadata, spec, hooks } = pool
  const { source, rest } = splitAgent(pool.agent)
  const hold = pool['hold-on-failure']
  return {
    name,
    provider,
    capacity: capacityOf(capacity, timeoutsOf(pool.timeouts)),
    timeouts: timeoutsOf(pool.timeouts),
    ...(hold !== undefined && { holdMs: msOf(hold) }),
    attempts,
    shared,
    metadata,
    tokenDelivery: tokenDeliveryOf(pool),
    secretEnvVars: mapEntries(pool['secret-env-vars'], (_, ref) => secretOf(ref)),
    spec,
    agent: parseAgentSettings(rest).settings,
    agentSource: source as AgentSource,
    bootstrap: pool.bootstrap,
    hooks: { ...(hooks.shutdown !== undefined && { shutdown: hooks.shutdown }) },
  }
}

/** `checks.ts` has seen to it that there is a bucket. */
function tokenDeliveryOf(pool: FileConfig['pools'][string]): Pool['tokenDelivery'] {
  const bucket = pool['token-bucket']
  if (pool['token-delivery'] === 'inline' || bucket === undefined) return { kind: 'inline' }
  return { kind: 'presigned', bucket }
}

function capacityOf(capacity: FileConfig['pools'][string]['capacity'], { idleMs }: Timeouts): Capacity {
  const { max, min, idle, schedules } = capacity
  const after = capacity['scale-down-after']
  return {
    max,
    min,
    idle,
    scaleFactor: capacity['scale-factor'],
    scaleDownAfterMs: after === undefined ? idleMs : msOf(after),
    schedules: schedules.map(scheduleOf),
  }
}

type FileSchedule = FileConfig['pools'][string]['capacity']['schedules'][number]

function scheduleOf({ cron, 'time-zone': timeZone, for: length, min, idle }: FileSchedule) {
  return {
    cron,
    timeZone,
    forMs: msOf(length),
    ...(min !== undefined && { min }),
    ...(idle !== undefined && { idle }),
  }
}

function timeoutsOf(timeouts: FileConfig['pools'][string]['timeouts']): Timeouts {
  return {
    bootMs: msOf(timeouts.boot),
    agentMs: msOf(timeouts.agent),
    idleMs: msOf(timeouts.idle),
    jobMs: msOf(timeouts.job),
    totalMs: msOf(timeouts.total),
  }
}

/** The schema has seen to it that these are durations and references. */
function msOf(text: string): number {
  return parseDuration(text) ?? 0
}

function secretOf(text: string): SecretRef {
  const ref = parseSecretRef(text)
  if (ref === undefined) throw new TypeError('A secret that is no reference passed the schema')
  return ref
}

function mapEntries<From, To>(record: Readonly<Record<string, From>>, to: (key: string, value: From) => To) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(key, value)]))
}
