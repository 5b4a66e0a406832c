import {
  contractError,
  type JsonSchema,
  type Offering,
  type ResolvedSpec,
  type Scope,
} from '@agentctl/contract'
import { z } from 'zod'

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'must be lower-case letters, digits, dots and dashes')
const ms = z.int().min(0).max(86_400_000)

const schema = z
  .strictObject({
    account: name.default('sim').describe('Account that the machines are made in.'),
    region: name.default('sim-1').describe('Region that the machines are made in.'),
    zones: z.array(name).min(1).default(['a']).describe('Zones to try, in this order.'),
    types: z.array(name).min(1).default(['small']).describe('Instance types to try, in this order.'),
    market: z
      .array(z.enum(['spot', 'on-demand']))
      .min(1)
      .default(['on-demand'])
      .describe('Markets to try, in this order.'),
    guest: z.enum(['linux', 'process']).default('linux').describe('How a machine reads its user data.'),
    bootMs: ms.optional().describe('From accepted to running; left out, the simulated cloud chooses.'),
    jobMs: ms.optional().describe('From running to the power-off; left out, a machine stays up.'),
  })
  .describe('A machine of the simulated cloud.')

export type SimSpec = z.infer<typeof schema>

export const specSchema = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema

/** @throws `invalid-spec` with every problem at once */
export function parseSpec(raw: unknown): SimSpec {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => ({
    path: ['spec', ...path.map(String)].join('.'),
    message,
  }))
  throw contractError('invalid-spec', `the spec of provider sim has ${problems.length} problem(s)`, {
    problems,
  })
}

export function scopeOf({ account, region }: SimSpec): Scope {
  return { account, region }
}

/** Market by market, then type by type, then zone by zone. */
export function resolveSpec(spec: SimSpec): ResolvedSpec {
  const { market: markets, types, zones, guest, bootMs, jobMs } = spec
  const offerings: Offering[] = markets.flatMap(market =>
    types.flatMap(type =>
      zones.map(zone => ({ id: `${type}/${zone}/${market}`, scope: scopeOf(spec), type, zone, market })),
    ),
  )
  const details: SimDetails = {
    ...(bootMs !== undefined && { bootMs }),
    ...(jobMs !== undefined && { jobMs }),
  }
  return { guest, offerings, details }
}

/** The provider's own part of a resolved spec. */
export interface SimDetails {
  readonly bootMs?: number
  readonly jobMs?: number
}
