import { describe, it } from 'vitest'
import { createOwners } from '../context.ts'
import { coordinatorChecks } from './checks/index.ts'
import { runCoordinatorCheck } from './run-check.ts'
import type { CoordinatorTarget } from './target.ts'

/** Declares the conformance cases of a coordinator. One that needs a cut network is skipped where there is none. */
export function describeCoordinator(target: CoordinatorTarget): void {
  const timeout = target.caseTimeoutMs ?? 120_000
  const owners = createOwners(target)
  describe(`conformance: ${target.name}`, () => {
    for (const check of coordinatorChecks) {
      it(`${check.rule} ${check.title}`, { timeout }, async ({ skip }) => {
        if (check.needsNetwork && target.network === undefined) skip('needs a network that can be cut')
        await runCoordinatorCheck(target, check, owners)
      })
    }
  })
}
