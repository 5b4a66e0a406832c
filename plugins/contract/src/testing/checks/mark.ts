import assert from 'node:assert/strict'
import type { Instance } from '../../resources.ts'
import type { Check } from '../check.ts'
import type { CheckContext } from '../context.ts'
import * as step from '../steps.ts'

const HOUR_MS = 3_600_000
const holdOf = ({ ownership }: Instance) => ownership.holdUntil
const expiryOf = ({ ownership }: Instance) => ownership.expiresAt

/** What `list` shows once it has had the time to show the change. */
async function shownAfter(
  context: CheckContext,
  launchId: string,
  isDone: (instance: Instance) => boolean,
): Promise<Instance> {
  const look = () => step.listed(context, launchId, 1)
  const seen = await step.poll(
    context,
    step.listedWithin(context),
    look,
    ([first]) => !!first && isDone(first),
  )
  const [instance] = seen
  assert.ok(instance, 'mark: the instance is not listed')
  return instance
}

const changes: Check = {
  rule: 'mark',
  title: 'expiresAt and holdUntil can be changed ten times, and nothing else changes',
  needs: ['mark'],
  async run(context) {
    const { request, instances } = await step.launched(context)
    const [instance] = instances
    assert.ok(instance)
    const { provider } = context
    const expiresAt = Math.floor(context.clock.now() / 1000) * 1000 + 2 * HOUR_MS
    const holdUntil = expiresAt - HOUR_MS
    for (const _ of step.times(step.REPEATS, Boolean)) {
      await provider.mark?.(instance, { expiresAt, holdUntil }, context.call())
    }
    const held = await shownAfter(context, request.launchId, seen => holdOf(seen) === holdUntil)
    const expected = { ...instance.ownership, expiresAt, holdUntil }
    assert.deepEqual(held.ownership, expected, 'mark: ownership is not what was asked for')
    for (const _ of step.times(step.REPEATS, Boolean)) {
      await provider.mark?.(instance, { holdUntil: 0 }, context.call())
    }
    const freed = await shownAfter(context, request.launchId, seen => !holdOf(seen))
    assert.equal(holdOf(freed), undefined, 'mark: holdUntil 0 must take the hold off')
    assert.equal(expiryOf(freed), expiresAt, 'mark: taking the hold off changed expiresAt')
  },
}

const refusesForeign: Check = {
  rule: 'mark',
  title: 'what another owner has is not marked',
  needs: ['mark'],
  async run(context) {
    const other = await context.openOther()
    const { instances } = await step.launch(context, await context.request(), other.provider)
    await step.settle(context)
    for (const instance of instances) {
      const running = context.provider.mark?.(instance, { expiresAt: context.clock.now() }, context.call())
      await step.refusal(running ?? Promise.resolve(), 'not-owned')
    }
  },
}

const guards: Check = {
  rule: 'guard',
  title: 'it can be repeated ten times, and leaves the instance alive and owned',
  needs: ['guard'],
  async run(context) {
    const { request, instances } = await step.launched(context)
    await step.settle(context)
    for (const instance of instances) {
      for (const _ of step.times(step.REPEATS, Boolean))
        await context.provider.guard?.(instance, context.call())
    }
    await step.settle(context)
    const [shown] = await step.listed(context, request.launchId, 1)
    assert.ok(shown && step.isLive(shown), 'guard: the instance is not alive any more')
    assert.deepEqual(shown.ownership, instances[0]?.ownership, 'guard: ownership has changed')
  },
}

export const markChecks: readonly Check[] = [changes, refusesForeign, guards]
