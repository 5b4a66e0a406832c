import type { Action } from './actions.ts'
import { planGuards } from './guards.ts'
import type { Picture } from './picture.ts'
import { planEndings } from './plan-endings.ts'
import { planLaunches } from './plan-launches.ts'
import { planResumptions } from './plan-resumptions.ts'
import type { Policy } from './policy.ts'
import type { Memory } from './records.ts'

export interface PlanInput {
  readonly picture: Picture
  readonly memory: Memory
  readonly policy: Policy
  readonly now: number
}

/** What to do, most urgent first. Pure: the same input gives the same actions, each with its reason in words. */
export function plan(input: PlanInput): readonly Action[] {
  const endings = planEndings(input)
  return [...endings, ...planGuards(input, endings), ...planResumptions(input), ...planLaunches(input)]
}
