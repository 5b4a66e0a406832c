import assert from 'node:assert/strict'
import { describe, it } from 'vitest'
import { checks } from './checks/index.ts'
import { createOwners } from './context.ts'
import { brokenRule } from './rules.ts'
import { runCheck } from './run-check.ts'
import type { ConformanceTarget } from './target.ts'

const last = { rule: 'T4', title: 'the cloud itself says that nothing is left' } as const

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
    it(`${last.rule} ${last.title}`, { timeout }, async () => {
      const left = Promise.all(owners.all.map(owner => target.outOfBand.left(owner)))
      const lines = (await (target.drive?.(left) ?? left)).flat()
      assert.ok(lines.length === 0, brokenRule(last, lines.join(', ')))
    })
  })
}
