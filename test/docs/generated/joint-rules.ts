/** Rules that join keys, which no schema says: each with a file that breaks it, and where it is told. */
export interface JointRule {
  readonly key: string
  readonly rule: string
  readonly breaks: string
  /** Where the problem is told; default: the key, with the names of `breaks`. */
  readonly at: string
}

const queue = 'agent-types: { s1-a: { binding: queue, pools: [a] } }'
const pool = (keys: string) => `pools: { a: { provider: local, ${keys} } }`
const capacity = (keys: string, rest = '') => `${rest}\n${pool(`capacity: { max: 2, ${keys} }`)}`
const morning = "cron: '0 7 * * *', time-zone: UTC, for: 1h"

const needsQueue = 'needs `binding: queue`'
const atMost = 'at most `max`'

export const jointRules: readonly JointRule[] = [
  {
    key: 'pools.NAME.capacity.min',
    rule: needsQueue,
    breaks: capacity('min: 1'),
    at: 'pools.a.capacity.min',
  },
  {
    key: 'pools.NAME.capacity.min',
    rule: atMost,
    breaks: capacity('min: 3', queue),
    at: 'pools.a.capacity.min',
  },
  {
    key: 'pools.NAME.capacity.idle',
    rule: needsQueue,
    breaks: capacity('idle: 1'),
    at: 'pools.a.capacity.idle',
  },
  {
    key: 'pools.NAME.capacity.idle',
    rule: atMost,
    breaks: capacity('idle: 3', queue),
    at: 'pools.a.capacity.idle',
  },
  {
    key: 'pools.NAME.capacity.scale-factor',
    rule: needsQueue,
    breaks: capacity('scale-factor: 1'),
    at: 'pools.a.capacity.scale-factor',
  },
  {
    key: 'pools.NAME.capacity.schedules',
    rule: needsQueue,
    breaks: capacity(`schedules: [{ ${morning}, idle: 1 }]`),
    at: 'pools.a.capacity.schedules',
  },
  {
    key: 'pools.NAME.capacity.schedules',
    rule: 'each raises `min` or `idle`',
    breaks: capacity(`schedules: [{ ${morning} }]`, queue),
    at: 'pools.a.capacity.schedules[0]',
  },
  {
    key: 'pools.NAME.capacity.schedules[].idle',
    rule: atMost,
    breaks: capacity(`schedules: [{ ${morning}, idle: 3 }]`, queue),
    at: 'pools.a.capacity.schedules[0].idle',
  },
  {
    key: 'pools.NAME.capacity.schedules[].min',
    rule: atMost,
    breaks: capacity(`schedules: [{ ${morning}, min: 3 }]`, queue),
    at: 'pools.a.capacity.schedules[0].min',
  },
  {
    key: 'pools.NAME.timeouts.total',
    rule: 'at least `boot` and `agent` together',
    breaks: pool('timeouts: { total: 14m }'),
    at: 'pools.a.timeouts.total',
  },
  {
    key: 'pools.NAME.token-delivery',
    rule: '`presigned` needs a `token-bucket`',
    breaks: pool('token-delivery: presigned'),
    at: 'pools.a.token-delivery',
  },
  {
    key: 'pools.NAME.token-delivery',
    rule: '`presigned` not with `shared`',
    breaks: pool('shared: true, token-delivery: presigned, token-bucket: tokens'),
    at: 'pools.a.token-delivery',
  },
  {
    key: 'pools.NAME.token-bucket',
    rule: 'only with `token-delivery: presigned`',
    breaks: pool('token-bucket: tokens'),
    at: 'pools.a.token-bucket',
  },
  {
    key: 'pools.NAME.token-bucket',
    rule: 'never the bucket of a cache',
    breaks: pool(
      'token-delivery: presigned, token-bucket: both, agent: { env-vars: [SEMAPHORE_CACHE_S3_BUCKET=both] }',
    ),
    at: 'pools.a.token-bucket',
  },
  {
    key: 'pools.NAME.secret-env-vars',
    rule: 'none that is in `env-vars` too',
    breaks: pool('secret-env-vars: { A: env:A }, agent: { env-vars: [A=1] }'),
    at: 'pools.a.secret-env-vars.A',
  },
  {
    key: 'agent-types.NAME.token',
    rule: 'required where there are several agent types',
    breaks: `agent-types: { s1-a: { pools: [a] }, s1-b: { pools: [a], token: env:B } }\n${pool('')}`,
    at: 'agent-types.s1-a.token',
  },
  {
    key: 'agent-types.NAME.pools',
    rule: 'each the name of a pool, none twice',
    breaks: `agent-types: { s1-a: { pools: [a, a] } }\n${pool('')}`,
    at: 'agent-types.s1-a.pools[1]',
  },
]
