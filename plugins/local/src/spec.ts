import { contractError, type JsonSchema, problemsOf, type ResolvedSpec, type Scope } from '@agentctl/contract'
import { z } from 'zod'

export interface LocalSpec {
  /** Extra environment of the guest. */
  readonly env: Readonly<Record<string, string>>
  /** Between the asked stop and the forced one. Unit: milliseconds. */
  readonly stopGraceMs: number
}

const stopGraceMaxMs = 600_000
const unitMs = { ms: 1, s: 1000, m: 60_000 } as const

function toMs(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)(ms|s|m)$/.exec(text) ?? []
  return Number(count) * unitMs[unit as keyof typeof unitMs]
}

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of an environment variable')
  .regex(/^(?!AGENTCTL_|HOME$|TMPDIR$|USER$)/, 'is set by agentctl itself')

const source = z.strictObject({
  env: z
    .record(variable, z.string())
    .default({})
    .describe('Extra environment of the guest, kept in a file of mode 0600: no place for secrets'),
  'stop-grace': z
    .string()
    .regex(/^\d+(ms|s|m)$/, 'is no duration such as 10s')
    .refine(text => toMs(text) <= stopGraceMaxMs, 'is more than 10m')
    .default('5s')
    .describe('How long the guest may take to stop after SIGTERM, such as 10s; at most 10m'),
})

export const specSchema: JsonSchema = z.toJSONSchema(source, { io: 'input' })

/** Pure. @throws `invalid-spec` with every problem at once */
export function parseSpec(raw: unknown): LocalSpec {
  const parsed = source.safeParse(raw)
  if (parsed.success) return { env: parsed.data.env, stopGraceMs: toMs(parsed.data['stop-grace']) }
  throw contractError('invalid-spec', 'The spec for the provider local is not valid', {
    problems: problemsOf(parsed.error, 'spec'),
    hint: 'It knows two keys: env and stop-grace.',
  })
}

const details = z.object({
  env: z.record(z.string(), z.string()),
  stopGraceMs: z.number().int().nonnegative(),
})

/** There is one way to get a process tree, and it costs nothing. Pure. */
export function resolveSpec(spec: LocalSpec, scope: Scope): ResolvedSpec {
  return {
    guest: 'process',
    offerings: [
      {
        id: 'process/local/on-demand',
        scope,
        type: 'process',
        zone: 'local',
        market: 'on-demand',
        pricePerHour: 0,
      },
    ],
    details: { env: spec.env, stopGraceMs: spec.stopGraceMs },
  }
}

/** @throws `invalid-spec` where the details are not those of {@link resolveSpec} */
export function detailsOf(resolved: ResolvedSpec): LocalSpec {
  const parsed = details.safeParse(resolved.details)
  if (parsed.success) return parsed.data
  throw contractError('invalid-spec', 'The resolved spec is not one of the provider local', {
    problems: problemsOf(parsed.error, 'resolved.details'),
  })
}
