import { type Phase, phases } from './phases.ts'
import type { UnitRecord } from './records.ts'

/** A unit went from one phase to the next that it was seen in. */
export interface Transition {
  readonly left: Phase
  readonly entered: Phase
  readonly tookMs: number
}

type Entered = Pick<UnitRecord, 'entered'>

/** What a unit has gone through since it was as `before`, in order; all of it for one that is new. */
export function transitionsOf({ entered }: Entered, before: Entered | undefined): readonly Transition[] {
  const reached = phases.flatMap(phase => {
    const at = entered[phase]
    return at === undefined ? [] : [{ phase, at }]
  })
  return reached.flatMap(({ phase, at }, index) => {
    const last = reached[index - 1]
    if (!last || before?.entered[phase] !== undefined) return []
    return [{ left: last.phase, entered: phase, tookMs: Math.max(0, at - last.at) }]
  })
}
