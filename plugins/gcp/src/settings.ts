import { contractError, type ProviderDeps, problemsOf } from '@agentctl/contract'
import { z } from 'zod'

export interface Settings {
  /** The project of specs that name none. */
  readonly project?: string | undefined
}

export const projectPattern = /^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/
const source = z.strictObject({ project: z.string().regex(projectPattern, 'is no project id').optional() })

/** In the order in which Google's own tools look. */
const variables = ['GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT', 'CLOUDSDK_CORE_PROJECT'] as const

/** The config's `providers: gcp:` section. @throws `invalid-spec` with every problem at once */
export function parseSettings(raw: unknown, env: ProviderDeps['env']): Settings {
  const parsed = source.safeParse(raw ?? {})
  if (!parsed.success) {
    throw contractError('invalid-spec', 'The settings of the provider gcp are not valid', {
      problems: problemsOf(parsed.error, 'providers.gcp'),
      hint: 'It knows one key, project:.',
    })
  }
  const project = parsed.data.project ?? variables.map(name => env[name]).find(Boolean)
  return { project }
}
