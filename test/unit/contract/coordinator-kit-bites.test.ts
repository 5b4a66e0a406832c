import type { Coordinator } from '@agentctl/contract'
import {
  type CoordinatorCheck,
  type CoordinatorTarget,
  coordinatorChecks,
  createOwners,
  runCoordinatorCheck,
} from '@agentctl/contract/testing'
import { describe, expect, it } from 'vitest'
import { simCoordinatorTarget } from '../../conformance/sim-coordinator-target.ts'
import { type BrokenCoordinator, brokenCoordinators } from './broken-coordinators/index.ts'

function checkOf({ rule, title }: BrokenCoordinator): CoordinatorCheck {
  const found = coordinatorChecks.filter(check => check.rule === rule && check.title.includes(title))
  const [check] = found
  if (check === undefined || found.length > 1) throw new Error(`${found.length} checks are ${rule} ${title}`)
  return check
}

function brokenTarget({ mistake, wrap }: BrokenCoordinator): CoordinatorTarget {
  const target = simCoordinatorTarget(mistake)
  const opened: Coordinator[] = []
  return {
    ...target,
    async open(owner, host, clock) {
      const life = await target.open(owner, host, clock)
      const wrapped = { ...life, ...wrap(life, [...opened], host) }
      opened.push(life)
      return wrapped
    },
  }
}

describe('the conformance kit notices a coordinator that', () => {
  for (const broken of brokenCoordinators) {
    it(`${broken.mistake} (${broken.rule})`, async () => {
      const check = checkOf(broken)
      const sound = simCoordinatorTarget(broken.mistake)
      await runCoordinatorCheck(sound, check, createOwners(sound))
      const target = brokenTarget(broken)
      const run = runCoordinatorCheck(target, check, createOwners(target))
      await expect(run).rejects.toThrow(`${broken.rule} is broken`)
    })
  }

  it('breaks any rule that has cases', () => {
    const bitten = new Set(brokenCoordinators.map(({ rule }) => rule))
    expect([...new Set(coordinatorChecks.map(({ rule }) => rule))].filter(rule => !bitten.has(rule))).toEqual(
      [],
    )
  })
})
