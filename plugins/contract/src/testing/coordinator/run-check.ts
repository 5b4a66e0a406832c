import type { Owners } from '../context.ts'
import { brokenRule } from '../rules.ts'
import type { CoordinatorCheck } from './check.ts'
import { openCoordinatorContext } from './context.ts'
import type { CoordinatorTarget } from './target.ts'

/**
 * Runs one check with lives of hosts of its own, and ends them.
 * Rejects with the rule that was broken and what the coordinator did instead.
 */
export async function runCoordinatorCheck(
  target: CoordinatorTarget,
  check: CoordinatorCheck,
  owners: Owners,
): Promise<void> {
  const task = checked(target, check, owners)
  return target.drive ? target.drive(task) : task
}

async function checked(target: CoordinatorTarget, check: CoordinatorCheck, owners: Owners): Promise<void> {
  const context = openCoordinatorContext(target, owners)
  try {
    await check.run(context)
  } catch (error) {
    // The rule that was broken is the news; what its clean-up meets after that is not.
    await context.end().catch(() => {})
    throw brokenRule(check, error)
  }
  await context.end().catch(error => {
    throw brokenRule(check, error)
  })
}
