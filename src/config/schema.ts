import { namePattern } from '@agentctl/contract'
import { z } from 'zod'
import { agentProperties, isHost } from '../agent/index.ts'
import { bootstrapSection } from './bootstrap-schema.ts'
import { coordinatorAddress } from './coordinator.ts'
import { defaults } from './defaults.ts'
import { durationPattern, parseDuration } from './duration.ts'
import { historySection, pricesSection } from './history-schema.ts'
import { nameRule, typeNamePattern } from './names.ts'
import { secret } from './secret-schema.ts'
import { strict } from './wording.ts'

const name = z.string().regex(namePattern, { error: nameRule })

const count = z.int().min(0).max(100_000)

const durationRule = 'must be a duration with units, such as 90s, 10m or 1h30m'
const duration = z
  .string({ error: durationRule })
  .regex(durationPattern, { error: durationRule })
  .refine(value => parseDuration(value) !== 0, { error: 'must be longer than nothing' })

const timeZone = z
  .string()
  .refine(isTimeZone, { error: 'must be the name of a time zone, such as Europe/Berlin' })

/** Only the shape: names of days and months, ranges and steps are the scheduler's to read. */
const cron = z
  .string()
  .regex(/^\S+( +\S+){4,5}$/, { error: 'must have five fields, or six with seconds first' })

const schedule = strict({
  cron: cron.describe('When a window begins'),
  'time-zone': timeZone.describe('Whose clock on the wall that is'),
  for: duration.describe('How long the window lasts'),
  min: count.optional().describe('`min` within the window'),
  idle: count.optional().describe('`idle` within the window'),
})

const capacity = strict({
  max: count.min(1).default(defaults.capacity.max),
  min: count.default(defaults.capacity.min),
  idle: count.default(defaults.capacity.idle),
  'scale-factor': z.number().min(0).max(10).default(0),
  'scale-down-after': duration.optional(),
  schedules: z.array(schedule).default([]).describe('Windows of time that raise `min` or `idle`'),
})

const timeouts = strict({
  boot: duration.default(defaults.timeouts.boot),
  agent: duration.default(defaults.timeouts.agent),
  idle: duration.default(defaults.timeouts.idle),
  job: duration.default(defaults.timeouts.job),
  total: duration.default(defaults.timeouts.total),
})

/** What a person may write under `agent:` besides the agent's own settings. */
export const agentSourceProperties = {
  binary: { type: 'string', description: 'The agent, as a path in the guest' },
  download: { type: 'string', description: 'Agent to download: a version such as v2.4.0, or a URL' },
  sha256: { type: 'string', description: 'Digest of that download', pattern: '^[0-9a-f]{64}$' },
} as const

// The agent's rules are checked by `checks.ts`, the provider's by its plugin: here they are only described.
const agent = z.record(z.string(), z.unknown()).meta({
  properties: { ...agentSourceProperties, ...agentProperties },
  additionalProperties: false,
})
const spec = z
  .record(z.string(), z.unknown())
  .meta({ description: "The provider's own: `agentctl providers show`" })

const pool = strict({
  provider: name,
  capacity: capacity.prefault({}),
  timeouts: timeouts.prefault({}),
  'hold-on-failure': duration.optional(),
  attempts: z.int().min(1).max(100).default(defaults.attempts),
  shared: z.boolean().default(false),
  metadata: z.enum(['guarded', 'open']).default('guarded'),
  'token-delivery': z
    .enum(['inline', 'presigned'])
    .default('inline')
    .describe('Whether the registration token is in user data, or behind a URL for a short time'),
  'token-bucket': z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: 'must be the name of a bucket' })
    .optional()
    .describe('Bucket that the token lies in, of its own'),
  'secret-env-vars': z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, { error: 'must be the name of a variable' }), secret)
    .default({})
    .describe('Variables of every job whose values are secrets'),
  hooks: strict({ shutdown: z.string().optional() }).prefault({}),
  spec: spec.default({}),
  bootstrap: bootstrapSection.prefault({}),
  agent: agent.default({}),
})

const agentType = strict({
  token: secret.default(defaults.token).describe('Registration token of the agent type'),
  binding: z.enum(['job', 'queue']).default('job'),
  pools: z.array(z.string()).min(1).describe('Pools that its jobs go to, the first one first'),
})

/** `checks.ts` holds the rule for the names: zod would not look at what stands under a wrong one. */
function named<Value extends z.ZodType>(value: Value, pattern: RegExp) {
  return z.record(z.string(), value).meta({ propertyNames: { type: 'string', pattern: pattern.source } })
}

/** The whole file. What comes out has every default filled in, in the words of the file. */
export const configSchema = strict({
  owner: name.optional(),
  endpoint: z.string().refine(isHost, { error: 'must be a host or host:port, without https://' }).optional(),
  'no-https': z.boolean().default(false),
  'api-token': secret.optional(),
  coordinator: coordinatorAddress.optional(),
  'stop-unservable-jobs': z.boolean().default(false),
  'agent-types': named(agentType, typeNamePattern).default({}),
  pools: named(pool, namePattern).default({}),
  capacity: strict({
    max: count.min(1).optional().describe('Most machines alive at once, over all pools'),
  }).prefault({}),
  history: historySection.prefault({}),
  prices: pricesSection.prefault({}),
  providers: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Settings of each provider, for all its pools: the README of its plugin'),
})

/** The configuration, complete, in the words of the file. */
export type FileConfig = z.output<typeof configSchema>

/** For editors. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  // A file without pools is of no use, though flags alone can make one.
  return { title: 'agentctl.yml', ...z.toJSONSchema(configSchema, { io: 'input' }), required: ['pools'] }
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}
