import assert from 'node:assert/strict'
import type { CoordinatorCheck } from '../check.ts'
import * as step from '../steps.ts'

const rate = { burst: 3, perSecond: 4 }
const tokenMs = 1000 / rate.perSecond
const FAR_MS = 60_000

const shared: CoordinatorCheck = {
  rule: 'K7',
  title: 'hosts of all owners take from one bucket, which gives its burst and then its rate',
  async run(context) {
    const { clock, owner, slackMs } = context
    const one = await context.live('one')
    const other = await context.live('other', { owner: context.nextOwner(), aheadMs: 3_600_000 })
    const bucket = `${owner} launch "a"`
    const startedAt = clock.now()
    const admitted = await Promise.all(
      step.times(16, async index => {
        const { coordinator } = index % 2 === 0 ? one : other
        const waitMs = await coordinator.admit(bucket, rate, FAR_MS)
        return clock.now() - startedAt + waitMs
      }),
    )
    for (const [index, atMs] of admitted.toSorted((a, b) => a - b).entries()) {
      const soonestMs = Math.max(0, index + 1 - rate.burst) * tokenMs
      assert.ok(atMs >= soonestMs - 50, `token ${index + 1} came after ${atMs} ms, sooner than ${soonestMs}`)
      const tookMs = clock.now() - startedAt
      assert.ok(
        atMs <= soonestMs + slackMs + tookMs,
        `token ${index + 1} comes after ${atMs} ms, later than ${soonestMs}`,
      )
    }
    assert.ok((await other.coordinator.admit(`${bucket} too`, rate, FAR_MS)) <= 0, 'buckets are not apart')
  },
}

const far: CoordinatorCheck = {
  rule: 'K7',
  title: 'a token that is too far away is told and not taken',
  async run(context) {
    const { clock, owner, slackMs } = context
    const { coordinator } = await context.live('host')
    const slow = { burst: 1, perSecond: 0.1 }
    const startedAt = clock.now()
    assert.equal(await coordinator.admit(owner, slow, 0), 0)
    for (const _ of step.times(10, Boolean)) {
      const waitMs = await coordinator.admit(owner, slow, 100)
      assert.ok(waitMs > 100, `a token was promised after ${waitMs} ms`)
    }
    const waitMs = await coordinator.admit(owner, slow, FAR_MS)
    const leftMs = 10_000 - (clock.now() - startedAt)
    assert.ok(waitMs <= 10_000 && waitMs >= leftMs - slackMs, `the next token comes after ${waitMs} ms`)
  },
}

const throttled: CoordinatorCheck = {
  rule: 'K7',
  title: 'after "too fast" the next token of that bucket comes after the time that was told, for every host',
  async run(context) {
    const { owner, slackMs } = context
    const [one, other] = await Promise.all([context.live('one'), context.live('other')])
    await one.coordinator.throttled(owner, rate, 5000)
    const [told, later] = await Promise.all([
      other.coordinator.admit(owner, rate, FAR_MS),
      other.coordinator.admit(owner, rate, FAR_MS),
    ])
    const [first, second] = [Math.min(told, later), Math.max(told, later)]
    assert.ok(first >= 5000 - slackMs && first <= 5000 + tokenMs, `the next token comes after ${first} ms`)
    assert.ok(second > first, 'two tokens came at once after "too fast"')
    assert.ok((await one.coordinator.admit(`${owner} too`, rate, FAR_MS)) <= 0, 'another bucket is throttled')
  },
}

export const bucketChecks = [shared, far, throttled]
