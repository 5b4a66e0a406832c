import { contractError, problemsOf } from '@agentctl/contract'
import { z } from 'zod'

export interface Settings {
  /** Where the engine listens, as in DOCKER_HOST, which wins over it. */
  readonly host?: string | undefined
}

const source = z.strictObject({ host: z.string().min(1).optional() })

/** The config's `providers: docker:` section. @throws `invalid-spec` with every problem at once */
export function parseSettings(raw: unknown): Settings {
  const parsed = source.safeParse(raw ?? {})
  if (parsed.success) return parsed.data
  throw contractError('invalid-spec', 'The settings of the provider docker are not valid', {
    problems: problemsOf(parsed.error, 'providers.docker'),
    hint: 'It knows one key, host: such as unix:///var/run/docker.sock or tcp://builder:2376.',
  })
}
