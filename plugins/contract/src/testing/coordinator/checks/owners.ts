import assert from 'node:assert/strict'
import type { CoordinatorCheck } from '../check.ts'
import { workOn } from '../context.ts'
import * as step from '../steps.ts'

const apart: CoordinatorCheck = {
  rule: 'K9',
  title: 'another owner sees and touches nothing, whatever has the same name',
  async run(context) {
    const mine = await context.live('host')
    const theirs = await context.live('host', { owner: context.nextOwner() })
    const own = await context.live('own')
    const a = await step.holdingOne(mine, workOn('a'))
    const unit = { kind: 'unit', want: 'w', launchId: 'l' } as const
    const records = [step.recordOf('n', 'a', { body: '"mine"' }), step.recordOf('u', 'a', unit)]
    const closed = step.recordOf('c', 'a', { isOpen: false, at: 1 })
    await step.keep(a, ...records, closed)
    assert.equal(await a.grant(8, 8), 8)

    await step.assertNothingToTake(theirs, 'it is offered by another owner')
    assert.deepEqual([(await theirs.beat()).takers, (await theirs.beat()).works], [1, 0])
    const other = await step.holdingOne(theirs, workOn('a'))
    assert.equal(await other.grant(8, 8), 8, 'a grant counts for another owner')
    step.assertSame(await other.load(), [], 'load')
    step.assertSame(await other.recall({ wants: ['w'], launchIds: ['l'] }), [], 'recall')
    const { coordinator } = theirs
    step.assertSame(await coordinator.history({ since: 0 }), [], 'history since')
    step.assertSame(await coordinator.history({ jobId: 'w' }), [], 'history of a job')
    step.assertSame(await coordinator.history({ jobPrefix: 'w' }), [], 'history of a beginning')
    assert.deepEqual((await coordinator.hosts()).length, 1, 'hosts of another owner are listed')
    assert.equal(await coordinator.drain('own', true), false, 'a host of another owner was drained')
    assert.equal(await coordinator.drain('host', true), true)
    assert.equal((await mine.beat()).isDraining, false, 'a host of another owner drains')

    assert.equal(await other.forget(1000), 0, 'forget reached what is of another owner')
    await step.keep(other, step.recordOf('n', 'a', { body: '"theirs"' }))
    const removed = [{ kind: 'unit', key: 'u' }] as const
    assert.equal(await other.commit({ saved: [], removed }), 'kept')
    step.assertSame(await a.load(), records, 'load after another owner wrote')
    step.assertSame(await own.coordinator.history({ since: 0 }), [...records, closed], 'history')
    await other.release()
    assert.equal(await a.commit({ saved: [], removed: [] }), 'kept', 'another owner released it')
  },
}

export const ownerChecks = [apart]
