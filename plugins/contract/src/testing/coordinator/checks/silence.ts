import assert from 'node:assert/strict'
import type { Tenure } from '../../../coordinator.ts'
import { judge } from '../../steps.ts'
import type { CoordinatorCheck } from '../check.ts'
import { workOn } from '../context.ts'
import * as step from '../steps.ts'

const LIVING_MS = 8000
const before = step.recordOf('before', 'a', { body: '"before"' })

/** All that somebody who lost a work could try to do with it. */
async function tryAll(lost: Tenure): Promise<void> {
  const answer = await lost.commit({
    saved: [step.recordOf('zombie', 'a'), step.recordOf('before', 'a', { body: '"changed"' })],
    removed: [{ kind: 'note', key: 'closed' }],
  })
  assert.equal(answer, 'lost', 'who lost a work was told that its changes are kept')
  assert.equal(await lost.commit({ saved: [], removed: [] }), 'lost')
  // What these answer to somebody who holds nothing is open; that they change nothing is not.
  await Promise.allSettled([lost.forget(Number.MAX_SAFE_INTEGER), lost.grant(0, 10)])
}

const silent: CoordinatorCheck = {
  rule: 'K2',
  title: 'the works of a silent host go to another one, and when it wakes up it can change nothing',
  async run(context) {
    const [one, other, third] = await Promise.all(['one', 'other', 'third'].map(name => context.live(name)))
    assert.ok(one && other && third)
    const lost = await step.holdingOne(one, workOn('a'))
    const closed = step.recordOf('closed', 'a', { isOpen: false })
    await step.keep(lost, before, closed)
    await lost.grant(7, 10)
    await one.silence()
    const taken = await step.takenWithin(context, other, context.silentWithinMs)
    await tryAll(lost)
    assert.deepEqual((await one.beat()).lost, ['a'], 'its beat does not tell what it lost')
    one.wake()
    await tryAll(lost)
    await Promise.allSettled([lost.release()])
    await step.assertNothingToTake(third, 'another one holds it')
    await step.assertNothingToTake(one, 'another one holds it')
    assert.equal(await taken.commit({ saved: [], removed: [] }), 'kept', 'the new holder lost it')
    step.assertSame(await taken.load(), [before], 'load')
    step.assertSame(await other.coordinator.history({ since: 0 }), [before, closed], 'history')
    const [spare] = await step.holding(other, workOn('b'))
    assert.equal(await spare?.grant(10, 10), 3, 'who lost a work changed what it may have')
  },
}

const living: CoordinatorCheck = {
  rule: 'K2',
  title: 'a host that beats keeps its works, whatever else it does or leaves',
  async run(context) {
    const [one, other] = await Promise.all([context.live('one'), context.live('other')])
    const tenure = await step.holdingOne(one, workOn('a'))
    const until = context.clock.now() + LIVING_MS
    while (context.clock.now() < until) {
      await step.assertNothingToTake(other, 'its host beats')
      await context.clock.sleep(500)
    }
    await step.keep(tenure, before)
    assert.deepEqual((await one.beat()).lost, [])
  },
}

const again: CoordinatorCheck = {
  rule: 'K2',
  title: 'a tenure of before is lost, also while the same host holds the work again',
  async run(context) {
    const one = await context.live('one')
    const first = await step.holdingOne(one, workOn('a'))
    await first.release()
    const second = await step.takeOne(one)
    await tryAll(first)
    await Promise.allSettled([first.release()])
    await step.keep(second, before)
    step.assertSame(await second.load(), [before], 'load')
  },
}

const nextLife: CoordinatorCheck = {
  rule: 'K2',
  title: 'the next life of a host of the same name does not hold what the one before held',
  async run(context) {
    const first = await context.live('host')
    const lost = await step.holdingOne(first, workOn('a'))
    await step.keep(lost, before)
    await first.silence()
    const second = await context.live('host')
    const taken = await step.takenWithin(context, second, context.silentWithinMs)
    await tryAll(lost)
    assert.deepEqual((await second.beat()).lost, [])
    step.assertSame(await taken.load(), [before], 'load')
  },
}

const cut: CoordinatorCheck = {
  rule: 'K2',
  title: 'a host that is cut off is told so by every call, and its works go to another one',
  needsNetwork: true,
  async run(context) {
    const { network } = context.target
    const [one, other] = await Promise.all([context.live('one'), context.live('other')])
    const lost = await step.holdingOne(one, workOn('a'))
    await step.keep(lost, before)
    await one.silence()
    await network?.cut(one.coordinator)
    const calls = [one.beat(), one.coordinator.take(), lost.load(), lost.commit(step.saving(before))]
    const answers = Promise.allSettled(calls)
    await step.takenWithin(context, other, context.silentWithinMs)
    for (const answer of await answers) {
      assert.equal(answer.status, 'rejected', 'a call was answered through a network that is cut')
      judge(answer.reason, ['unavailable'])
    }
    await network?.mend(one.coordinator)
    const withinMs = context.silentWithinMs
    const beat = await step.eventually(context, withinMs, 'a mended network is not used', () =>
      one.beat().catch(() => undefined),
    )
    assert.deepEqual(beat.lost, ['a'])
    await tryAll(lost)
  },
}

export const silenceChecks = [silent, living, again, nextLife, cut]
