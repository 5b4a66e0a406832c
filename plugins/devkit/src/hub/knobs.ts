import { z } from 'zod'

const count = z.number().int().min(0)
const ceiling = count.nullable()
const milliseconds = z.number().min(0)

/** A number is how many of the next calls fail; a list names the agents that do until the list is changed. */
const whichAgents = z.union([count, z.array(z.string())])

/** How long a silent agent is kept. The defaults are the real hub's. */
const staleness = z.strictObject({
  neverSyncedMs: milliseconds.default(60_000),
  idleSilentMs: milliseconds.default(180_000),
  busySilentMs: milliseconds.default(900_000),
  /** A job that found no agent in this time is stopped. */
  jobWaitMs: milliseconds.default(86_400_000),
})

const shape = {
  /** Every call but those under /dev gets 500. */
  failAll: z.boolean().default(false),
  /** The next n registrations get 500, nothing being registered. */
  registerFailures: count.default(0),
  /** The next n registrations get 429. */
  registerRateLimits: count.default(0),
  /** The next n registrations are accepted, and the connection is cut instead of an answer. */
  loseRegisterReplies: count.default(0),
  /** Registration answers this much later. */
  registerDelayMs: milliseconds.default(0),
  syncFailures: whichAgents.default(0),
  sync404: whichAgents.default(0),
  omitShutdownReason: z.boolean().default(false),
  /** The next n fetches of a job get 500. */
  jobFetchFailures: count.default(0),
  disconnectFailures: count.default(0),
  disconnectDelayMs: milliseconds.default(0),
  /** The next n log pushes get 401, after which the agent must ask for a new token. */
  logs401: count.default(0),
  logs422: z.boolean().default(false),
  logs500: count.default(0),
  /** The next n calls of metrics, jobs and occupancy get 500. */
  metricsFailures: count.default(0),
  publicApiFailures: count.default(0),
  /** At most n registered agents; null is no ceiling. */
  organizationCeiling: ceiling.default(null),
  /** At most n jobs have an occupation request or run; the others are listed and refused at registration. */
  jobsGrantedMax: ceiling.default(null),
  featureDisabled: z.boolean().default(false),
  syncMs: milliseconds.default(200),
  staleness: staleness.prefault({}),
} satisfies Record<string, z.ZodType>

const knobs = z.strictObject(shape)

export type Knobs = z.infer<typeof knobs>

/** A change names only what it changes. `cancel` is a deed, not a setting: it stops these jobs, or all that wait. */
export const knobChange = z
  .strictObject(
    Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, withoutDefault(type)])) as {
      [Name in keyof typeof shape]: z.ZodOptional<z.ZodType<Knobs[Name]>>
    },
  )
  .extend({
    staleness: staleness.partial().optional(),
    cancel: z.union([z.literal('queued'), z.array(z.string())]).optional(),
  })

export interface KnobChange extends Partial<Omit<Knobs, 'staleness'>> {
  staleness?: Partial<Knobs['staleness']> | undefined
  cancel?: 'queued' | string[] | undefined
}

export function defaultKnobs(): Knobs {
  return knobs.parse({})
}

export function changedKnobs(current: Knobs, change: KnobChange): Knobs {
  const { staleness: stale, cancel: _deed, ...rest } = change
  const named = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  const limits = Object.fromEntries(Object.entries(stale ?? {}).filter(([, value]) => value !== undefined))
  return { ...current, ...named, staleness: { ...current.staleness, ...limits } }
}

type Countdown = {
  [Name in keyof Knobs]: Knobs[Name] extends number ? Name : never
}[keyof Knobs]

/** Uses up one of the next n faults of this kind. */
export function takeFault(current: Knobs, name: Countdown): boolean {
  if (current[name] <= 0) return false
  current[name] -= 1
  return true
}

export function takeAgentFault(current: Knobs, name: 'sync404' | 'syncFailures', agent: string): boolean {
  const which = current[name]
  if (typeof which !== 'number') return which.includes(agent)
  if (which <= 0) return false
  current[name] = which - 1
  return true
}

function withoutDefault(type: z.ZodType): z.ZodOptional<z.ZodType> {
  const inner = type instanceof z.ZodDefault || type instanceof z.ZodPrefault ? type.def.innerType : type
  return z.optional(inner as z.ZodType)
}
