import { describe, expect, it } from 'vitest'
import { checks } from './checks/index.ts'
import { createOwners } from './context.ts'
import { runCheck } from './run-check.ts'
import type { ConformanceTarget } from './target.ts'

/**
 * Declares the conformance cases of a provider. A case that needs what the provider or the target does not have is
 * skipped and says so. The last case asks the cloud itself that nothing is left of any owner that the cases used.
 */
export function describeProvider(target: ConformanceTarget): void {
  const timeout = target.caseTimeoutMs ?? 180_000
  const owners = createOwners(target)
  describe(`conformance: ${target.name}`, () => {
    for (const check of checks) {
      const title = `${check.rule} ${check.title}`
      it(title, { timeout }, async ({ skip }) => {
        const reason = target.leaveOut?.[title]
        if (reason !== undefined) skip(reason)
        const { missing } = await runCheck(target, check, owners)
        if (missing.length > 0) skip(`needs ${missing.join(', ')}`)
      })
    }
    it('T4 the cloud itself says that nothing is left', { timeout }, async () => {
      const left = Promise.all(owners.all.map(owner => target.outOfBand.left(owner)))
      expect((await (target.drive?.(left) ?? left)).flat()).toEqual([])
    })
  })
}
