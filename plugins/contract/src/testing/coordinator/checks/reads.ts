import assert from 'node:assert/strict'
import type { StoredRecord, Tenure } from '../../../coordinator.ts'
import type { CoordinatorCheck } from '../check.ts'
import { type CoordinatorContext, workOn } from '../context.ts'
import * as step from '../steps.ts'

const closed = { isOpen: false }
const launch = (id: string, change: Partial<StoredRecord> = {}) =>
  step.recordOf(id, 'a', { kind: 'launch', launchId: id, ...change })
const unit = (launchId: string, want: string, change: Partial<StoredRecord> = {}) =>
  step.recordOf(`${launchId}/${want}`, 'a', { kind: 'unit', launchId, want, ...change })
const job = (id: string, change: Partial<StoredRecord> = {}) =>
  step.recordOf(id, 'a', { kind: 'job', want: id, ...change })

/** One host that holds two works, of which the first acts on two subjects. */
async function twoWorks(context: CoordinatorContext) {
  const host = await context.live('host')
  const tenures = await step.holding(host, workOn('a', 'a', 'type'), workOn('b'))
  const of = (name: string): Tenure => {
    const found = tenures.find(({ work }) => work.name === name)
    assert.ok(found)
    return found
  }
  return { host, a: of('a'), b: of('b') }
}

const loaded: CoordinatorCheck = {
  rule: 'K5',
  title: 'load gives the open records of the subjects of its work, all and only those',
  async run(context) {
    const { a, b } = await twoWorks(context)
    const mine = [launch('l'), unit('l', 'w'), job('w'), step.recordOf('n', 'type', { kind: 'queue' })]
    const theirs = step.recordOf('theirs', 'b')
    await step.keep(a, ...mine, step.recordOf('old', 'a', closed), unit('l', 'v', closed))
    await step.keep(b, theirs)
    step.assertSame(await a.load(), mine, 'load')
    step.assertSame(await b.load(), [theirs], 'load of the other work')
    await step.keep(a, job('w', closed))
    step.assertSame(
      await a.load(),
      mine.filter(({ kind }) => kind !== 'job'),
      'load once a job is closed',
    )
  },
}

const recalled: CoordinatorCheck = {
  rule: 'K5',
  title: 'recall gives launches and units by want and by launch, open or closed, of any work',
  async run(context) {
    const { a, b } = await twoWorks(context)
    const first = [launch('l1', closed), unit('l1', 'w1', closed)]
    const second = [launch('l2', { subject: 'b' }), unit('l2', 'w1', { subject: 'b' })]
    const third = [launch('l3', closed), unit('l3', 'w2', closed), unit('l3', 'w3')]
    const rest = [launch('l4'), unit('l4', 'w4'), job('w1'), job('w2'), step.recordOf('l1', 'a')]
    await step.keep(a, ...first, ...third, ...rest)
    await step.keep(b, ...second)
    const recall = (wants: readonly string[], launchIds: readonly string[]) => a.recall({ wants, launchIds })
    step.assertSame(await recall(['w1'], []), [...first, ...second], 'recall by a want')
    step.assertSame(await recall([], ['l3']), third, 'recall by a launch')
    step.assertSame(await recall(['w1'], ['l3', 'l1']), [...first, ...second, ...third], 'recall by both')
    step.assertSame(await recall(['nobody'], ['none']), [], 'recall of nothing')
    step.assertSame(await recall([], []), [], 'recall without a question')
  },
}

const history: CoordinatorCheck = {
  rule: 'K5',
  title: 'history gives what is open or changed since, or what is of a job, with the launches of its units',
  async run(context) {
    const { a, b, host } = await twoWorks(context)
    const ids = ['00000000-aaaa', '00000000-bbbb', '11111111-cccc'] as const
    const old = { isOpen: false, at: 1000 } as const
    const late = { isOpen: false, at: 2000, subject: 'b' } as const
    const first = [launch('l1', old), unit('l1', ids[0], old), job(ids[0], old)]
    const second = [launch('l2', late), unit('l2', ids[1], late), job(ids[1], late)]
    // The launch is over and long ago, and its unit is not.
    const third = [
      launch('l3', { ...closed, at: 10 }),
      unit('l3', ids[2], { at: 10 }),
      job(ids[2], { at: 10 }),
    ]
    const queue = step.recordOf('q', 'a', { kind: 'queue', ...old })
    await step.keep(a, ...first, ...third, queue)
    await step.keep(b, ...second)
    const { coordinator } = host
    step.assertSame(await coordinator.history({ since: 1500 }), [...second, ...third], 'history since')
    const all = [...first, ...second, ...third, queue]
    step.assertSame(await coordinator.history({ since: 1000 }), all, 'history since the very moment')
    step.assertSame(await coordinator.history({ jobId: ids[0] }), first, 'history of a job')
    step.assertSame(await coordinator.history({ jobId: '00000000' }), [], 'history of a part of an id')
    const begins = await coordinator.history({ jobPrefix: '0000' })
    step.assertSame(begins, [...first, ...second], 'history of a beginning')
    step.assertSame(await coordinator.history({ jobPrefix: ids[2] }), third, 'history of a whole id')
    step.assertSame(await coordinator.history({ jobPrefix: '2' }), [], 'history of nobody')
  },
}

const forgotten: CoordinatorCheck = {
  rule: 'K5',
  title: 'forget removes closed records of its subjects that are old, and nothing else, and counts them',
  async run(context) {
    const { a, b, host } = await twoWorks(context)
    const kept = [
      step.recordOf('open', 'a', { at: 1 }),
      step.recordOf('new', 'a', { ...closed, at: 3000 }),
      step.recordOf('changed', 'a', { ...closed, at: 3000 }),
      step.recordOf('theirs', 'b', { ...closed, at: 1 }),
    ]
    const gone = [
      step.recordOf('old', 'a', { ...closed, at: 1 }),
      job('old', { ...closed, at: 2, subject: 'type' }),
    ]
    await step.keep(a, step.recordOf('changed', 'a', { ...closed, at: 1 }))
    await step.keep(a, ...kept.slice(0, 3), ...gone)
    await step.keep(b, ...kept.slice(3))
    assert.equal(await a.forget(2000), 2, 'forget counts wrong')
    step.assertSame(await host.coordinator.history({ since: 0 }), kept, 'history after forget')
    assert.equal(await a.forget(2000), 0, 'forget removed again what was gone')
  },
}

export const readChecks = [loaded, recalled, history, forgotten]
