import { contractError } from '@agentctl/contract'
import { durationFlag } from './duration-flag.ts'

/**
 * What a run needs besides the time that its ticks go on: to open its pools, to look twice at a cloud that its journal
 * does not know, and to end its last calls. Unit: milliseconds.
 */
const aroundMs = 120_000

interface RunFlags {
  readonly pool?: unknown
  readonly for?: string | undefined
  readonly deadline?: string | undefined
}

/** @throws `invalid-spec` */
export function capacityTimes(flags: RunFlags): { readonly forMs: number; readonly deadlineMs: number } {
  const forMs = flags.for === undefined ? 0 : durationFlag('for', flags.for)
  const deadlineMs =
    flags.deadline === undefined ? forMs + aroundMs : durationFlag('deadline', flags.deadline)
  if (deadlineMs > forMs) return { forMs, deadlineMs }
  throw contractError('invalid-spec', '--deadline must be longer than --for')
}

export function poolFlag({ pool }: Pick<RunFlags, 'pool'>): string | undefined {
  return typeof pool === 'string' ? pool : undefined
}
