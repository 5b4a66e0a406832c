import { contractError, type ProviderDeps, problemsOf } from '@agentctl/contract'
import { z } from 'zod'

/** The config's `providers: aws:` section. */
export interface Settings {
  /** A profile of the AWS files; AWS_PROFILE goes over it. */
  readonly profile?: string | undefined
  /** The region of specs that name none: AWS_REGION, else AWS_DEFAULT_REGION. */
  readonly region?: string | undefined
  /** Tells the scopes of several accounts apart, in lists and in the journal. */
  readonly account: string
}

const source = z.strictObject({
  profile: z.string().min(1).optional(),
  account: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'is no name of an account')
    .optional(),
})

/** @throws `invalid-spec` with every problem at once */
export function parseSettings(raw: unknown, env: ProviderDeps['env']): Settings {
  const parsed = source.safeParse(raw ?? {})
  if (!parsed.success) {
    throw contractError('invalid-spec', 'The settings of the provider aws are not valid', {
      problems: problemsOf(parsed.error, 'providers.aws'),
      hint: 'It knows the keys profile: and account:.',
    })
  }
  const profile = env.AWS_PROFILE || parsed.data.profile
  return {
    profile,
    region: env.AWS_REGION || env.AWS_DEFAULT_REGION,
    account: parsed.data.account ?? profile ?? 'default',
  }
}
