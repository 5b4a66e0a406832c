import { isAbsolute, join } from 'node:path'
import { contractError, problemsOf } from '@agentctl/contract'
import { z } from 'zod'
import { type Acceleration, accelerations } from './records.ts'

type Env = Readonly<Record<string, string | undefined>>

export interface Settings {
  readonly acceleration: Acceleration
}

const source = z.strictObject({ acceleration: z.enum(accelerations).default('auto') })

/** The config's `providers: qemu:` section. @throws `invalid-spec` with every problem at once */
export function parseSettings(raw: unknown): Settings {
  const parsed = source.safeParse(raw ?? {})
  if (parsed.success) return parsed.data
  throw contractError('invalid-spec', 'The settings of the provider qemu are not valid', {
    problems: problemsOf(parsed.error, 'providers.qemu'),
  })
}

/** The state folder, absolute. Pure. @throws `invalid-spec` where the environment names none */
export function stateRoot(env: Env): string {
  const named = env.AGENTCTL_QEMU_DIR
  const fallback = env.XDG_STATE_HOME || (env.HOME && join(env.HOME, '.local', 'state'))
  const root = named || (fallback && join(fallback, 'agentctl', 'qemu'))
  if (root && isAbsolute(root)) return root
  const message = root
    ? `The state folder ${root} is not an absolute path`
    : 'There is no place for the state folder'
  throw contractError('invalid-spec', message, {
    hint: 'Set AGENTCTL_QEMU_DIR to an absolute path, or set HOME.',
  })
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** All that a guest host and its QEMU get of the controller's environment: no token is in it. Pure. */
export function cleanEnvironment(env: Env): Record<string, string> {
  return { PATH: env.PATH || defaultPath, LANG: env.LANG || 'C.UTF-8', USER: env.USER || 'nobody' }
}
