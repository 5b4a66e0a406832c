import type { Provider } from '@agentctl/contract'
import {
  type Check,
  type ConformanceTarget,
  checks,
  createOwners,
  runCheck,
} from '@agentctl/contract/testing'
import { describe, expect, it } from 'vitest'
import { simTarget } from '../../conformance/sim-target.ts'
import { type Broken, brokenProviders } from './broken/index.ts'

function checkOf({ rule, title }: Broken): Check {
  const found = checks.filter(check => check.rule === rule && check.title.includes(title))
  const [check] = found
  if (check === undefined || found.length > 1) throw new Error(`${found.length} checks are ${rule} ${title}`)
  return check
}

function brokenTarget({ mistake, sim, wrap }: Broken): ConformanceTarget {
  const target = simTarget(mistake, sim)
  const opened: Provider[] = []
  return {
    ...target,
    goneWithinMs: 30_000,
    async open(owner) {
      const provider = await target.open(owner)
      opened.push(provider)
      return { ...provider, ...wrap(provider, opened) }
    },
  }
}

describe('the conformance kit notices a provider that', () => {
  for (const broken of brokenProviders) {
    it(`${broken.mistake} (${broken.rule})`, async () => {
      const check = checkOf(broken)
      const sound = simTarget(broken.mistake, broken.sim)
      expect(await runCheck(sound, check, createOwners(sound)), 'the sound one must pass').toEqual({
        missing: [],
      })
      const target = brokenTarget(broken)
      await expect(runCheck(target, check, createOwners(target))).rejects.toThrow()
    })
  }

  it('breaks any rule that has cases', () => {
    const bitten = new Set(brokenProviders.map(({ rule }) => rule))
    expect([...new Set(checks.map(({ rule }) => rule))].filter(rule => !bitten.has(rule))).toEqual([])
  })
})
