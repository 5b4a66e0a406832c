import { describe, expect, it } from 'vitest'
import { deathAt, lived } from './death.ts'
import { createRig, machinesOf, tally } from './rig.ts'

it.each([
  ['goes only now', 20_000],
  ['has to be asked again', 60_000],
])(
  'a job whose machine an earlier command called off gets another one, though the first %s',
  async (_, ms) => {
    using rig = createRig({ count: 1, jobMs: 4_000, knobs: { deleteMs: [ms, ms] } })
    const stop = new AbortController()
    const intent = () => (stop.signal.aborted ? ('drain' as const) : ('run' as const))
    const first = rig.provision({ intent, wake: stop.signal })
    await rig.sim.clock.advance(4_000)
    stop.abort()
    await rig.drive(first)
    expect(tally(await rig.run())).toEqual({ done: 1 })
    expect(rig.hub.counts()).toMatchObject({ finished: 1, queued: 0 })
    rig.check({ concurrency: 1 })
  },
)

it('a machine that nobody told any more that it is called off is left at its job', async () => {
  const death = deathAt('before-send terminate', ['terminate'])
  using rig = createRig({ count: 1, jobMs: 60_000, knobs: { bootMs: [6_000, 6_000] } })
  const stop = new AbortController()
  const intent = () => (stop.signal.aborted ? ('drain' as const) : ('run' as const))
  const first = lived(death, rig.process(death), process =>
    rig.provision({ intent, wake: stop.signal }, process),
  )
  await rig.sim.clock.advance(4_000)
  stop.abort()
  await rig.drive(first)
  expect(death.passed.at(-1)).toBe('before-send terminate')
  await rig.sim.clock.advance(20_000)
  expect(rig.hub.counts().running).toBe(1)

  rig.hub.add(1, 4_000)
  expect(tally(await rig.run())).toEqual({ done: 1 })
  expect(rig.hub.counts()).toMatchObject({ finished: 2, broken: 0 })
  expect(machinesOf(rig)).toBe(2)
  rig.check({ concurrency: 2 })
})

describe('a machine whose call waits for its turn, and that has an agent by then', () => {
  it.each([
    ['for long, is not ended on what was seen before', { burst: 1, perSecond: 0.2 }, {}],
    [
      'for a moment, and says that it has one, is not ended',
      { burst: 1, perSecond: 0.5 },
      { console: 'live' },
    ],
  ] as const)('%s', async (_, terminate, traits) => {
    const wide = { burst: 100, perSecond: 100 }
    const rates = { launch: wide, terminate, read: wide, mark: wide }
    const bootMs = [5_000, 5_000] as const
    using rig = createRig({ count: 4, agentMs: 1_000, knobs: { bootMs }, traits: { ...traits, rates } })
    const stop = new AbortController()
    const intent = () => (stop.signal.aborted ? ('drain' as const) : ('run' as const))
    const run = rig.provision({ intent, wake: stop.signal })
    await rig.sim.clock.advance(5_000)
    stop.abort()
    await rig.drive(run)
    expect(machinesOf(rig)).toBe(4)
    await rig.sim.clock.advance(30_000)
    expect(rig.hub.counts().broken).toBe(0)
    expect(rig.hub.counts().running).toBeGreaterThan(0)

    await rig.run()
    expect(rig.hub.counts()).toMatchObject({ finished: 4, broken: 0 })
    rig.check({ concurrency: 4 })
  })
})
