import assert from 'node:assert/strict'
import { recordKinds } from '../../../coordinator.ts'
import type { CoordinatorCheck } from '../check.ts'
import { workOn } from '../context.ts'
import * as step from '../steps.ts'

const odd = '\u{1F600} ünï \u2028 "double" \'single\' \\ \\u0041 $1 %s ; -- \t \r\n e\u0301 \u{10FFFF} \u0001'

const replaced: CoordinatorCheck = {
  rule: 'K4',
  title:
    'what is saved replaces what was there, whole, what is removed is there no more, each by kind and key',
  async run(context) {
    const tenure = await step.holdingOne(await context.live('host'), workOn('a', 'a', 'b'))
    const unit = step.recordOf('one', 'a', { kind: 'unit', want: 'w', launchId: 'l', body: '1' })
    const note = step.recordOf('one', 'a')
    const other = step.recordOf('two', 'a')
    await step.keep(tenure, unit, note, other)
    const changed = step.recordOf('one', 'b', { kind: 'unit', at: 1_700_000_000_001, body: '2' })
    const removed = [
      { kind: 'note', key: 'one' },
      { kind: 'job', key: 'two' },
      { kind: 'note', key: 'nothing' },
    ] as const
    assert.equal(await tenure.commit({ saved: [changed], removed }), 'kept')
    step.assertSame(await tenure.load(), [changed, other], 'load')
    const back = step.recordOf('one', 'a', { body: '"back"' })
    await step.keep(tenure, back)
    step.assertSame(await tenure.load(), [changed, other, back], 'load')
  },
}

const whole: CoordinatorCheck = {
  rule: 'K4',
  title: 'nobody ever sees a part of what is committed at once',
  async run(context) {
    const [one, other] = await Promise.all([context.live('one'), context.live('other')])
    const tenure = await step.holdingOne(one, workOn('a'))
    const edition = (round: number) =>
      step.times(40, index => step.recordOf(`n-${index}`, 'a', { body: `${round}` }))
    await step.keep(tenure, ...edition(0))
    let isOver = false
    const writing = async () => {
      for (const round of step.times(20, index => index + 1)) await step.keep(tenure, ...edition(round))
      isOver = true
    }
    const reading = async () => {
      while (!isOver) {
        const found = await other.coordinator.history({ since: 0 })
        const seen = new Set(found.map(({ body }) => body))
        assert.deepEqual(
          [found.length, seen.size],
          [40, 1],
          `editions seen together: ${[...seen].join(', ')}`,
        )
      }
    }
    await Promise.all([writing(), reading()])
  },
}

const large: CoordinatorCheck = {
  rule: 'K4',
  title: '500 records of two kilobytes go into one commit, and come back',
  async run(context) {
    const [one, other] = await Promise.all([context.live('one'), context.live('other')])
    const tenure = await step.holdingOne(one, workOn('a'))
    const body = JSON.stringify('x'.repeat(2000))
    const saved = step.times(500, index => step.recordOf(`key-${index}`, 'a', { at: index, body }))
    await step.keep(tenure, ...saved)
    await tenure.release()
    const taken = await step.takeOne(other)
    step.assertSame(await taken.load(), saved, 'load')
    const gone = saved.slice(0, 250).map(({ kind, key }) => ({ kind, key }))
    assert.equal(await taken.commit({ saved: [], removed: gone }), 'kept')
    step.assertSame(await taken.load(), saved.slice(250), 'load after 250 were removed')
  },
}

const bytes: CoordinatorCheck = {
  rule: 'K4',
  title: 'records come back byte for byte, whatever characters are in them',
  async run(context) {
    const host = await context.live('host')
    const tenure = await step.holdingOne(host, workOn('a'))
    const saved = recordKinds.map((kind, index) =>
      step.recordOf(`${odd}${index}`, 'a', {
        kind,
        want: odd,
        ...((kind === 'unit' || kind === 'launch') && { launchId: odd }),
        at: 1_767_225_600_123,
        body: JSON.stringify({ 'key "quoted"': odd, b: 1, a: [1.5, null, ''] }, null, index),
      }),
    )
    await step.keep(tenure, ...saved)
    step.assertSame(await tenure.load(), saved, 'load')
    step.assertSame(await host.coordinator.history({ since: 0 }), saved, 'history')
    const launched = saved.filter(({ launchId }) => launchId !== undefined)
    step.assertSame(await tenure.recall({ wants: [odd], launchIds: [] }), launched, 'recall by want')
    step.assertSame(await tenure.recall({ wants: [], launchIds: [odd] }), launched, 'recall by launch')
    const asked = await host.coordinator.history({ jobPrefix: odd.slice(0, 9) })
    assert.ok(asked.length > 0, 'history by the beginning of a job id with odd characters found nothing')
    const wild = await host.coordinator.history({ jobPrefix: '%' })
    assert.deepEqual(wild, [], 'a sign in the beginning of a job id was taken for any')
    assert.equal(
      await tenure.commit({ saved: [], removed: saved.map(({ kind, key }) => ({ kind, key })) }),
      'kept',
    )
    step.assertSame(await tenure.load(), [], 'load after all were removed')
  },
}

const forGood: CoordinatorCheck = {
  rule: 'K4',
  title: 'what is kept is there when every host has gone, and others come',
  async run(context) {
    const first = await context.live('first')
    const tenure = await step.holdingOne(first, workOn('a'))
    const note = step.recordOf('note', 'a')
    await step.keep(tenure, note)
    await first.silence()
    const later = await context.live('later')
    const taken = await step.takenWithin(context, later, context.silentWithinMs)
    step.assertSame(await taken.load(), [note], 'load')
  },
}

export const commitChecks = [replaced, whole, large, bytes, forGood]
