import { namePattern } from '@agentctl/contract'
import { Cron } from 'croner'
import { parseAgentSettings, validateAgentSettings } from '../agent/index.ts'
import { didYouMean } from '../errors/index.ts'
import { messageOf } from '../errors/message.ts'
import { splitAgent } from './agent-section.ts'
import { checkCacheSecrets } from './cache-checks.ts'
import { defaults } from './defaults.ts'
import { parseDuration } from './duration.ts'
import { checkPrices } from './history-schema.ts'
import { nameRule, typeNamePattern, typeNameRule } from './names.ts'
import { type At, type Mapping, mappingOf, type Path, parsePath } from './path.ts'
import { checkSecretVariables, checkTokenDelivery } from './secret-checks.ts'
import type { Issue } from './wording.ts'

/**
 * What the schema cannot say: rules that join keys, and the agent's own. They read the configuration before its
 * defaults are in, and pass over what is of the wrong kind, so that every problem is told at once.
 */
export function checkConfig(config: unknown): readonly Issue[] {
  const root = mappingOf(config)
  const pools = Object.entries(mappingOf(root.pools))
  const types = Object.entries(mappingOf(root['agent-types']))
  return [
    ...pools.flatMap(([name, pool]) => checkPool(name, mappingOf(pool))),
    ...checkTokenDelivery(pools.map(([name, pool]) => [name, mappingOf(pool)])),
    ...types.flatMap(([name, type]) => checkType(name, mappingOf(type), mappingOf(root.pools), types.length)),
    ...checkMembership(
      pools.map(([name]) => name),
      types.map(([, type]) => mappingOf(type)),
    ),
    ...checkPrices(
      root.prices,
      pools.map(([name]) => name),
    ),
  ]
}

function checkPool(name: string, pool: Mapping): readonly Issue[] {
  const at = (...rest: Path): Path => ['pools', name, ...rest]
  return [
    ...(namePattern.test(name) ? [] : [{ path: at(), message: nameRule }]),
    ...checkCapacity(at, mappingOf(pool.capacity)),
    ...checkTimeouts(at, mappingOf(pool.timeouts)),
    ...checkAgent(at, mappingOf(pool.agent)),
    ...checkSecretVariables(at, pool),
    ...checkCacheSecrets(at, pool),
  ]
}

function checkCapacity(at: At, capacity: Mapping): readonly Issue[] {
  const max = numberOf(capacity.max, defaults.capacity.max)
  const tooMany = (count: unknown, path: Path) => {
    if (numberOf(count, 0) <= max) return []
    return [{ path, message: `must be at most the pool's max, which is ${max}` }]
  }
  const schedules = Array.isArray(capacity.schedules) ? capacity.schedules.map(mappingOf) : []
  return [
    ...tooMany(capacity.min, at('capacity', 'min')),
    ...tooMany(capacity.idle, at('capacity', 'idle')),
    ...schedules.flatMap((schedule, index) => [
      ...tooMany(schedule.min, at('capacity', 'schedules', index, 'min')),
      ...tooMany(schedule.idle, at('capacity', 'schedules', index, 'idle')),
      ...(schedule.min === undefined && schedule.idle === undefined
        ? [{ path: at('capacity', 'schedules', index), message: 'must raise min or idle' }]
        : []),
      ...checkCron(schedule.cron, at('capacity', 'schedules', index, 'cron')),
    ]),
  ]
}

/** The words are the scheduler's own; what is no text, or has no five fields, the schema has told. */
function checkCron(cron: unknown, path: Path): readonly Issue[] {
  if (typeof cron !== 'string' || !/^\S+( +\S+){4,5}$/.test(cron)) return []
  try {
    new Cron(cron, { paused: true })
    return []
  } catch (error) {
    return [{ path, message: `is no schedule: ${messageOf(error).replace(/^CronPattern: /, '')}` }]
  }
}

function checkTimeouts(at: At, timeouts: Mapping): readonly Issue[] {
  const ms = (key: 'boot' | 'agent' | 'total') =>
    parseDuration(String(timeouts[key] ?? '')) ?? parseDuration(defaults.timeouts[key]) ?? 0
  if (ms('total') >= ms('boot') + ms('agent')) return []
  return [
    { path: at('timeouts', 'total'), message: 'must be at least timeouts.boot and timeouts.agent together' },
  ]
}

function checkAgent(at: At, section: Mapping): readonly Issue[] {
  const { source, rest } = splitAgent(section)
  const { settings, problems } = parseAgentSettings(rest)
  const wrong = Object.entries(source).filter(([, value]) => typeof value !== 'string' || value === '')
  const sha256 = source.sha256
  return [
    ...wrong.map(([key]) => ({ path: at('agent', key), message: 'must be a text' })),
    ...(typeof sha256 === 'string' && !/^[0-9a-f]{64}$/.test(sha256)
      ? [{ path: at('agent', 'sha256'), message: 'must be 64 hex digits in lower case' }]
      : []),
    ...[...problems, ...validateAgentSettings(settings)].map(({ path, message }) => ({
      path: at('agent', ...(parsePath(path) ?? [path])),
      message,
    })),
  ]
}

function checkType(name: string, type: Mapping, pools: Mapping, count: number): readonly Issue[] {
  const path: Path = ['agent-types', name]
  const listed = Array.isArray(type.pools) ? type.pools.map(String) : []
  const unknown = listed.flatMap((pool, index) => {
    if (Object.hasOwn(pools, pool)) return []
    const message = `there is no pool of that name${didYouMean(pool, Object.keys(pools))}`
    return [{ path: [...path, 'pools', index], message }]
  })
  const twice = listed.flatMap((pool, index) =>
    listed.indexOf(pool) < index ? [{ path: [...path, 'pools', index], message: 'is listed twice' }] : [],
  )
  const needsToken = count > 1 && type.token === undefined
  return [
    ...(typeNamePattern.test(name) ? [] : [{ path, message: typeNameRule }]),
    ...(needsToken
      ? [{ path: [...path, 'token'], message: 'is missing: there are several agent types' }]
      : []),
    ...unknown,
    ...twice,
    ...(type.binding === 'queue'
      ? []
      : listed.flatMap(pool => checkWarm(name, pool, mappingOf(pools[pool])))),
  ]
}

/** A machine that is bound to a job cannot be made before there is one. */
function checkWarm(type: string, pool: string, { capacity }: Mapping): readonly Issue[] {
  const { min, idle, schedules, 'scale-factor': factor } = mappingOf(capacity)
  const message = `keeps machines without a job, which needs \`binding: queue\` of ${type}`
  const warm = (['min', 'idle'] as const).filter(key => numberOf({ min, idle }[key], 0) > 0)
  const hasSchedules = Array.isArray(schedules) && schedules.length > 0
  const hasFactor = numberOf(factor, 0) > 0
  return [...warm, ...(hasFactor ? ['scale-factor'] : []), ...(hasSchedules ? ['schedules'] : [])].map(
    key => ({
      path: ['pools', pool, 'capacity', key],
      message,
    }),
  )
}

function checkMembership(pools: readonly string[], types: readonly Mapping[]): readonly Issue[] {
  if (types.length === 0) {
    return pools.length > 1 ? [{ path: ['agent-types'], message: 'is missing: there are several pools' }] : []
  }
  const listed = new Set(types.flatMap(({ pools: names }) => (Array.isArray(names) ? names : [])))
  return pools
    .filter(pool => !listed.has(pool))
    .map(pool => ({ path: ['pools', pool], message: 'is in the pools of no agent type' }))
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
