import assert from 'node:assert/strict'
import type { CoordinatorCheck } from '../check.ts'
import { workOn } from '../context.ts'
import * as step from '../steps.ts'

const DELAY_MS = 3000
const note = step.recordOf('note', 'a')

const released: CoordinatorCheck = {
  rule: 'K3',
  title: 'what is released goes to another host at once, with its records, and is lost to who released it',
  async run(context) {
    const [one, other] = await Promise.all([context.live('one'), context.live('other')])
    const tenure = await step.holdingOne(one, workOn('a'))
    await step.keep(tenure, note)
    await tenure.release()
    const taken = await step.takeOne(other)
    step.assertSame(await taken.load(), [note], 'load')
    assert.equal(await tenure.commit(step.saving(step.recordOf('late', 'a'))), 'lost')
    step.assertSame(await taken.load(), [note], 'load after a commit of who released it')
  },
}

const delayed: CoordinatorCheck = {
  rule: 'K3',
  title: 'what is released for later goes to another host then, and no sooner',
  async run(context) {
    const { clock, slackMs } = context
    const [one, other] = await Promise.all([context.live('one'), context.live('other')])
    const tenure = await step.holdingOne(one, workOn('a'))
    const releasedAt = clock.now()
    await tenure.release(DELAY_MS)
    await step.takenWithin(context, other, DELAY_MS + slackMs)
    assert.ok(clock.now() - releasedAt >= DELAY_MS - 50, `it was given after ${clock.now() - releasedAt} ms`)
  },
}

const drained: CoordinatorCheck = {
  rule: 'K3',
  title: 'a host that drains hears it, keeps what it holds until it gives it back, and is given no more',
  async run(context) {
    const [one, other] = await Promise.all([context.live('one'), context.live('other')])
    const tenure = await step.holdingOne(one, workOn('a'))
    assert.deepEqual([(await one.beat()).takers, (await one.beat()).isDraining], [2, false])
    assert.equal(await other.coordinator.drain('one', true), true)
    const { isDraining, takers } = await one.beat()
    assert.deepEqual({ isDraining, takers }, { isDraining: true, takers: 1 })
    assert.deepEqual([(await other.beat()).takers, (await other.beat()).isDraining], [1, false])
    await step.keep(tenure, note)
    await one.coordinator.offer([workOn('b')])
    await step.assertNothingToTake(one, 'it drains')
    await tenure.release()
    await step.assertNothingToTake(one, 'it drains')
    assert.deepEqual(step.namesOf(await step.takeAll(other)), ['a', 'b'])
  },
}

const undrained: CoordinatorCheck = {
  rule: 'K3',
  title: 'draining is of every life of a host of that name, also those to come, until it is called off',
  async run(context) {
    const first = await context.live('host')
    const desk = await context.look('desk')
    assert.equal(await desk.drain('host', true), true)
    assert.equal(await desk.drain('nobody', true), false, 'a host that is not known was drained')
    await first.silence()
    const second = await context.live('host')
    await second.coordinator.offer([workOn('a')])
    assert.equal((await second.beat()).isDraining, true, 'the next life does not drain')
    await step.assertNothingToTake(second, 'it drains')
    assert.equal(await desk.drain('host', false), true)
    assert.equal((await second.beat()).isDraining, false)
    await step.takeOne(second)
  },
}

export const handOverChecks = [released, delayed, drained, undrained]
