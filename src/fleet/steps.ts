import { type Phase, phases } from './phases.ts'
import type { UnitRecord } from './records.ts'

/** A unit went from one phase to the next that it was seen in. */
export interface Step {
  readonly left: Phase
  readonly entered: Phase
  readonly tookMs: number
}

/** What a unit has gone through after `since`, in order: each step is told by one look of those that follow each other. */
export function stepsSince({ entered }: Pick<UnitRecord, 'entered'>, since: number): readonly Step[] {
  const reached = phases.flatMap(phase => {
    const at = entered[phase]
    return at === undefined ? [] : [{ phase, at }]
  })
  return reached.flatMap(({ phase, at }, index) => {
    const before = reached[index - 1]
    if (!before || at <= since) return []
    return [{ left: before.phase, entered: phase, tookMs: Math.max(0, at - before.at) }]
  })
}
