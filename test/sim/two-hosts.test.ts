import { describe, expect, it } from 'vitest'
import { createRig, machinesOf, owner, type Rig } from './rig.ts'

const minute = 60_000

/** Two hosts without a common journal launch into one pool. The one that is asked to stop answers for its own machines. */
async function stopped(rig: Rig, intent: 'drain' | 'end', atMs: number) {
  const stop = new AbortController()
  const other = rig.provision({}, rig.process({ host: 'other' }))
  await rig.sim.clock.advance(4_000)
  rig.hub.add(2)
  const mine = rig.provision(
    { intent: () => (stop.signal.aborted ? intent : 'run'), wake: stop.signal },
    rig.process({ host: 'mine' }),
  )
  await rig.sim.clock.advance(atMs)
  expect(machinesOf(rig)).toBe(4)
  const theirs = rig.sim.cloud.left(owner).slice(0, 2)
  stop.abort()
  const result = await rig.drive(mine)
  return { result, theirs, other }
}

const shared = { count: 2, jobMs: 5 * minute, pool: { shared: true } } as const

describe('a command that stops on one of two hosts', () => {
  it('ends none of the other one that is at work, although all of its own are to end', async () => {
    using rig = createRig(shared)
    const { result, other } = await stopped(rig, 'end', 2 * minute)
    expect(rig.hub.counts()).toMatchObject({ running: 2, broken: 2 })
    expect(result.units).toHaveLength(2)
    await rig.drive(other)
    expect(rig.hub.counts()).toMatchObject({ finished: 2, broken: 2 })
    rig.check({ concurrency: 4 })
  })

  it('ends none of the other one that boots', async () => {
    using rig = createRig({ ...shared, knobs: { bootMs: [50_000, 60_000] } })
    const { result, other } = await stopped(rig, 'drain', 4_000)
    expect(result.units).toHaveLength(2)
    expect(rig.hub.counts()).toMatchObject({ queued: 4, broken: 0 })
    await rig.drive(other)
    expect(rig.hub.counts()).toMatchObject({ finished: 2, queued: 2, broken: 0 })
    expect(machinesOf(rig)).toBe(4)
    rig.check({ concurrency: 4 })
  })
})
