import { expect, it } from 'vitest'
import { createRig, machinesOf, tally } from './rig.ts'

const second = 1_000

/** It registers at 115 s of the 120 that it has, while the hub lists agents as it did before. */
function slowlyBooted(silentChance = 0) {
  const bootMs = [110 * second, 110 * second] as const
  return createRig({ count: 2, jobMs: 100 * second, knobs: { bootMs, silentChance } })
}

it('a machine that says that its agent has registered is not ended for a hub that lists nobody', async () => {
  using rig = slowlyBooted()
  const run = rig.provision()
  await rig.sim.clock.advance(60 * second)
  rig.hub.isStale = true
  await rig.sim.clock.advance(80 * second)
  expect(rig.hub.counts()).toMatchObject({ running: 2 })
  rig.hub.isStale = false
  expect(tally(await rig.drive(run))).toEqual({ done: 2 })
  expect(rig.hub.counts()).toMatchObject({ finished: 2, broken: 0 })
  expect(machinesOf(rig)).toBe(2)
  rig.check()
})

it('one that says nothing of the kind is ended at its deadline', async () => {
  using rig = slowlyBooted(1)
  const run = rig.provision()
  await rig.sim.clock.advance(115 * second)
  rig.sim.cloud.turn({ silentChance: 0, bootMs: [second, second] })
  await rig.sim.clock.advance(10 * second)
  expect(rig.lines.filter(line => line.includes('no agent was started'))).toHaveLength(2)
  expect(tally(await rig.drive(run))).toEqual({ done: 2 })
  rig.check()
})
