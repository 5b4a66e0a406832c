import { isAbsolute, join } from 'node:path'
import { contractError, problemsOf } from '@agentctl/contract'
import { z } from 'zod'
import { type Isolation, isolations } from './records.ts'

type Env = Readonly<Record<string, string | undefined>>

export interface Settings {
  readonly isolation: Isolation
}

const source = z.strictObject({ isolation: z.enum(isolations).default('auto') })

/** The config's `providers: local:` section. @throws `invalid-spec` with every problem at once */
export function parseSettings(raw: unknown): Settings {
  const parsed = source.safeParse(raw ?? {})
  if (parsed.success) return parsed.data
  throw contractError('invalid-spec', 'The settings of the provider local are not valid', {
    problems: problemsOf(parsed.error, 'providers.local'),
  })
}

/** The state folder, absolute. Pure. @throws `invalid-spec` where the environment names none */
export function stateRoot(env: Env): string {
  const named = env.AGENTCTL_LOCAL_DIR
  const fallback = env.XDG_STATE_HOME || (env.HOME && join(env.HOME, '.local', 'state'))
  const root = named || (fallback && join(fallback, 'agentctl', 'local'))
  if (root && isAbsolute(root)) return root
  const message = root
    ? `The state folder ${root} is not an absolute path`
    : 'There is no place for the state folder'
  throw contractError('invalid-spec', message, {
    hint: 'Set AGENTCTL_LOCAL_DIR to an absolute path, or set HOME.',
  })
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** All that a guest host, and through it a guest, gets of the controller's environment: no token is in it. Pure. */
export function cleanEnvironment(env: Env): Record<string, string> {
  return { PATH: env.PATH || defaultPath, LANG: env.LANG || 'C.UTF-8', USER: env.USER || 'nobody' }
}
