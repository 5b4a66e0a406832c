import { describe, expect, it } from 'vitest'
import { createRig, type RigOptions, tally } from './rig.ts'

const guarded: RigOptions = { traits: { isGuardNeeded: true, poweroff: 'stops' }, count: 3 }

/** Marks asked of the cloud: what a guard is counted as. */
async function guards(options: RigOptions): Promise<number> {
  using rig = createRig({ ...guarded, ...options })
  expect(tally(await rig.run())).toEqual({ done: 3 })
  rig.check()
  return rig.lines.filter(line => line.includes(' Guarded ')).length
}

describe('user data that stays in the metadata', () => {
  it('is taken away once from each machine, seen by the hub', async () => {
    expect(await guards({ hasApiToken: true })).toBe(3)
  })

  it('is taken away once from each machine, seen by its console', async () => {
    expect(await guards({ hasApiToken: false })).toBe(3)
  })

  it('is left alone on a cloud whose guests see to it', async () => {
    expect(await guards({ traits: { isGuardNeeded: false } })).toBe(0)
  })
})
