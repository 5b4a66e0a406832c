import { contractError } from '@agentctl/contract'
import { expect, it } from 'vitest'
import type { Context } from '../../../src/operations/context.ts'
import { within } from '../../../src/operations/within.ts'
import { createRig } from '../../sim/rig.ts'

/** As providers answer a signal. */
async function untilCut({ effects, signal }: Context): Promise<never> {
  await effects.clock.sleep(60_000, signal).catch(() => undefined)
  throw contractError('cancelled', 'resolve was cancelled while it was under way')
}

it('what a deadline cuts short is told as that deadline, with what comes next', async () => {
  using rig = createRig()
  const error = { code: 'unavailable', message: 'It was not done within 4 s', hint: /next run goes on/ }
  await expect(rig.drive(within(rig.context(), 4_000, untilCut))).rejects.toMatchObject({
    ...error,
    hint: expect.stringMatching(error.hint),
    cause: { code: 'cancelled' },
  })
})

it('what Ctrl-C cuts short is told as that', async () => {
  using rig = createRig()
  const stop = new AbortController()
  const context = rig.context(rig.process({ signal: stop.signal }))
  rig.sim.clock.schedule(rig.sim.clock.now() + 1_000, () => stop.abort())
  await expect(rig.drive(within(context, 20_000, untilCut))).rejects.toMatchObject({ code: 'cancelled' })
})

it('what fails by itself near the deadline is told as what it is', async () => {
  using rig = createRig()
  const work = async ({ effects }: Context) => {
    await effects.clock.sleep(3_000)
    throw contractError('permission-denied', 'no right')
  }
  await expect(rig.drive(within(rig.context(), 4_000, work))).rejects.toMatchObject({
    code: 'permission-denied',
  })
})
