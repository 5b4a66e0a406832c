import { expect, it } from 'vitest'
import { createRig, tally } from './rig.ts'

it('a job whose machine an earlier command called off gets another one, though the first goes only now', async () => {
  using rig = createRig({ count: 1, jobMs: 4_000, knobs: { deleteMs: [20_000, 20_000] } })
  const stop = new AbortController()
  const intent = () => (stop.signal.aborted ? ('drain' as const) : ('run' as const))
  const first = rig.provision({ intent, wake: stop.signal })
  await rig.sim.clock.advance(4_000)
  stop.abort()
  await rig.drive(first)
  expect(tally(await rig.run())).toEqual({ done: 1 })
  expect(rig.hub.counts()).toMatchObject({ finished: 1, queued: 0 })
  rig.check({ concurrency: 1 })
})
