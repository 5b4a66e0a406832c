import { describe, expect, it } from 'vitest'
import { createRig, tally } from './rig.ts'

describe('a launch whose machine has failed before its answer was known', () => {
  it.each([
    ['names', { idempotency: 'name', poweroff: 'stops-and-bills' }],
    ['tokens', { idempotency: 'token', poweroff: 'deletes' }],
  ] as const)('is not followed by another one while that machine is there: by %s', async (_, traits) => {
    using rig = createRig({
      ...{ seed: 'spent', count: 2, jobMs: 4_000, traits: { settleMs: 10_000, ...traits } },
      knobs: { breakChance: 1, bootMs: [3_000, 3_000], deleteMs: [20_000, 20_000] },
    })
    const { cloud, clock } = rig.sim
    const running = rig.provision({ concurrency: 2 })
    cloud.inject('answer-lost', 'launch', { times: 2 })
    await clock.advance(1_000)
    // Nobody sees the machines until they have failed; then their ids are repeated.
    cloud.turn({ chances: { list: { 'server-error': 1 }, launch: { 'server-error': 1 } } })
    await clock.advance(15_000)
    cloud.turn({ chances: { list: { 'server-error': 1 } }, breakChance: 0 })
    await clock.runUntil(() => rig.lines.some(line => line.includes('"launch-spent"')))
    cloud.turn({ chances: {} })
    expect(tally(await rig.drive(running))).toEqual({ done: 2 })
    rig.check({ concurrency: 2 })
  })
})
