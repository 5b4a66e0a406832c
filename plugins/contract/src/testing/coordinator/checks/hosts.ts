import assert from 'node:assert/strict'
import type { Coordinator, HostSeen } from '../../../coordinator.ts'
import type { CoordinatorCheck } from '../check.ts'
import { workOn } from '../context.ts'
import * as step from '../steps.ts'

const HOUR_MS = 3_600_000

async function seen(coordinator: Coordinator, host: string): Promise<readonly HostSeen[]> {
  return (await coordinator.hosts()).filter(one => one.host === host)
}

const listed: CoordinatorCheck = {
  rule: 'K8',
  title: 'hosts are listed with what they hold and say, alive or not, each life of them',
  async run(context) {
    const { clock, slackMs } = context
    const startedAt = clock.now()
    const one = await context.live('one', { machines: 42 })
    const other = await context.live('other')
    const work = workOn('a+b', 'a', 'b')
    await step.holdingOne(one, work)
    const desk = await context.look('desk')
    const [first, ...more] = await seen(desk, 'one')
    assert.ok(first && more.length === 0, 'a life is not listed once')
    const { works, machines, isAlive, isDraining } = first
    assert.deepEqual(
      { works, machines, isAlive, isDraining },
      {
        works: [work],
        machines: 42,
        isAlive: true,
        isDraining: false,
      },
    )
    assert.ok(first.version !== '', 'its version is not told')
    const near = (at: number) => at >= startedAt - slackMs && at <= clock.now() + slackMs
    assert.ok(near(first.startedAt) && near(first.seenAt), 'its times are not the true ones')
    await other.coordinator.drain('one', true)
    assert.equal((await seen(desk, 'one'))[0]?.isDraining, true)
    await one.silence()
    const dead = async () => ((await seen(desk, 'one'))[0]?.isAlive === false ? true : undefined)
    await step.eventually(context, context.silentWithinMs, 'a silent host is not told dead', dead)
    await context.live('one')
    const lives = (await seen(desk, 'one')).map(life => life.isAlive)
    assert.deepEqual(lives.sort(), [false, true], 'the two lives of a host are not both listed')
  },
}

const takers: CoordinatorCheck = {
  rule: 'K8',
  title: 'takers are the hosts that beat, without those that are silent and those that only look',
  async run(context) {
    const [one, other] = await Promise.all([context.live('one'), context.live('other')])
    await context.look('desk')
    assert.equal((await one.beat()).takers, 2)
    await other.silence()
    const alone = async () => ((await one.beat()).takers === 1 ? true : undefined)
    await step.eventually(context, context.silentWithinMs, 'a silent host is still a taker', alone)
    await other.beat()
    assert.equal((await one.beat()).takers, 2, 'a host that woke up is no taker')
  },
}

const wrongClock: CoordinatorCheck = {
  rule: 'K8',
  title: 'a host whose clock is an hour wrong hears so, and neither loses nor takes anything by it',
  async run(context) {
    const { clock, slackMs } = context
    const right = await context.live('right')
    const held = await step.holdingOne(right, workOn('right'))
    for (const [host, aheadMs] of [
      ['fast', HOUR_MS],
      ['slow', -HOUR_MS],
    ] as const) {
      const wrong = await context.live(host, { aheadMs })
      const tenure = await step.holdingOne(wrong, workOn(host))
      for (const _ of step.times(8, Boolean)) {
        const beat = await wrong.beat()
        assert.ok(Math.abs(beat.aheadMs + aheadMs) <= slackMs, `${host} was told ${beat.aheadMs} ms`)
        await step.assertNothingToTake(right, `${host} holds it and beats`)
        await step.assertNothingToTake(wrong, 'right holds it and beats')
        await clock.sleep(1000)
      }
      const note = step.recordOf(host, host)
      await step.keep(tenure, note)
      step.assertSame(await tenure.load(), [note], 'load')
      const [life] = await seen(right.coordinator, host)
      assert.ok(life?.isAlive, `${host} is told dead`)
      assert.ok(Math.abs(life.seenAt - clock.now()) <= 2000 + slackMs, 'it was seen at a wrong time')
      assert.ok(Math.abs(life.aheadMs + aheadMs) <= slackMs, 'hosts() tells another error of its clock')
      await tenure.release(3000)
      await step.assertNothingToTake(right, 'it was released for later')
      await step.takenWithin(context, right, 3000 + slackMs)
    }
    assert.equal(await held.commit({ saved: [], removed: [] }), 'kept')
  },
}

export const hostChecks = [listed, takers, wrongClock]
