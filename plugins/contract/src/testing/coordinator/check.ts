import type { Check } from '../check.ts'
import type { CoordinatorContext } from './context.ts'

/** One case: resolves when the coordinator keeps the rule, rejects with what it did instead. */
export interface CoordinatorCheck extends Pick<Check, 'rule' | 'title'> {
  /** Only where the target can cut a host off. */
  readonly needsNetwork?: true
  run(context: CoordinatorContext): Promise<void>
}
