import { type Check, type Need, unmetNeeds } from './check.ts'
import { type CheckContext, type Owners, openContext } from './context.ts'
import { brokenRule } from './rules.ts'
import { endAll } from './steps.ts'
import type { ConformanceTarget } from './target.ts'

export interface CheckOutcome {
  /** Empty when the check was run, and so was passed. */
  readonly missing: readonly Need[]
}

/**
 * Runs one check with providers of its own, and ends what it made, as `reap` would.
 * Rejects with the rule that was broken and what the provider did instead, or with what the clean-up could not end.
 */
export async function runCheck(
  target: ConformanceTarget,
  check: Check,
  owners: Owners,
): Promise<CheckOutcome> {
  const task = checked(target, check, owners)
  return target.drive ? target.drive(task) : task
}

async function checked(target: ConformanceTarget, check: Check, owners: Owners): Promise<CheckOutcome> {
  const context = await openContext(target, owners)
  const missing = unmetNeeds(check, context)
  if (missing.length > 0) {
    await closeAll(context)
    return { missing }
  }
  try {
    await check.run(context)
  } catch (error) {
    // The rule that was broken is the news; what its clean-up meets after that is not.
    await cleanUp(context).catch(() => {})
    throw brokenRule(check, error)
  }
  await cleanUp(context)
  return { missing }
}

async function cleanUp(context: CheckContext): Promise<void> {
  const owners = new Map(context.tenants.map(tenant => [tenant.owner, tenant]))
  try {
    for (const tenant of owners.values()) await endAll(context, tenant)
  } finally {
    await closeAll(context)
  }
}

async function closeAll({ tenants }: CheckContext): Promise<void> {
  await Promise.all(tenants.map(({ provider }) => provider.close()))
}
