import { asEndReason, isCutShort, verdictOf } from '../fleet/reasons.ts'
import type { Life } from './life.ts'

/**
 * What a machine came to. `alive`: it is there, or on its way. `served`: it ran its job. `unneeded`: it was made, and
 * nobody wanted it any more. `failed`: its job got nothing of it, or was cut short.
 */
export type Outcome = 'alive' | 'served' | 'unneeded' | 'failed'

export function outcomeOf({ reason, phase, times }: Life): Outcome {
  const hasJob = times.jobTaken !== undefined
  if (reason === undefined) {
    if (phase !== 'gone') return 'alive'
    return hasJob ? 'served' : 'failed'
  }
  const known = asEndReason(reason)
  if (known === 'job-finished') return 'served'
  if (verdictOf(known) === 'failed') return 'failed'
  if (isCutShort(known)) return hasJob ? 'failed' : 'unneeded'
  if (known === 'unknown') return hasJob ? 'served' : 'failed'
  return 'unneeded'
}
