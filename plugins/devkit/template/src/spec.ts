import { contractError, type JsonSchema, problemsOf, type Scope } from '@agentctl/contract'
import { z } from 'zod'

const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and dashes')

const schema = z.strictObject({
  region: name.describe('Region that the machines are made in.'),
  sizes: z.array(name).min(1).describe('Sizes of machine to try, in this order.'),
})

/** The `spec:` of a pool. */
export type Spec = z.infer<typeof schema>

export const specSchema = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema

/** Rule P1. @throws `invalid-spec` with every problem at once */
export function parseSpec(raw: unknown): Spec {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  throw contractError('invalid-spec', 'the spec of provider nimbus has problems', {
    problems: problemsOf(parsed.error, 'spec'),
  })
}

export function scopeOf({ region }: Pick<Spec, 'region'>): Scope {
  return { account: 'nimbus', region }
}

/** Rule P1: each scope once. */
export function scopesOf(specs: readonly Spec[]): readonly Scope[] {
  return [...new Set(specs.map(({ region }) => region))].map(region => scopeOf({ region }))
}
