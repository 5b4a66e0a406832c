import assert from 'node:assert/strict'
import { isContractError } from '../../errors.ts'
import { contractVersion, type LaunchResult } from '../../provider.ts'
import type { Instance } from '../../resources.ts'
import type { Check } from '../check.ts'
import type { CheckContext } from '../context.ts'
import { sampleDigest } from '../samples.ts'
import * as step from '../steps.ts'

async function assertOneSet(context: CheckContext, launchId: string, made: readonly Instance[]) {
  await step.settle(context)
  const shown = await step.listed(context, launchId, made.length)
  assert.deepEqual(step.idsOf(shown), step.idsOf(made), 'L1: list shows another set than launch answered')
}

const repeats: Check = {
  rule: 'L1',
  title: 'launch ten times with one request yields one set of instances',
  async run(context) {
    const { request, instances } = await step.launched(context)
    for (const _ of step.times(step.REPEATS - 1, Boolean)) {
      const again = await step.launch(context, request)
      assert.deepEqual(
        step.idsOf(again.instances),
        step.idsOf(instances),
        'L1: a repeat gave other instances',
      )
    }
    await assertOneSet(context, request.launchId, instances)
  },
}

const concurrent: Check = {
  rule: 'L1',
  title: 'ten launches of one request at the same time yield one set of instances',
  async run(context) {
    const request = await context.request()
    const answers = await Promise.allSettled(
      step.times(step.REPEATS, () => context.provider.launch(request, context.call())),
    )
    const made = answers.filter(answer => answer.status === 'fulfilled').map(({ value }) => value)
    for (const answer of answers) {
      if (answer.status === 'rejected')
        step.judge(answer.reason, ['rate-limited', 'outcome-unknown', 'unavailable'])
    }
    assert.ok(made.length > 0, 'L1: none of ten launches at the same time was accepted')
    const { instances } = await step.launchUntilDefinite(context, request)
    const sets = new Set([...made, { instances }].map(answer => step.idsOf(answer.instances).join()))
    assert.equal(sets.size, 1, `L1: launches at the same time gave several sets: ${[...sets].join(' and ')}`)
    await assertOneSet(context, request.launchId, instances)
  },
}

const otherHost: Check = {
  rule: 'L1',
  title: 'the same launch from another host yields the same instances',
  async run(context) {
    const { request, instances } = await step.launched(context)
    await step.settle(context)
    const again = await step.launch(context, request, await context.reopen())
    assert.deepEqual(
      step.idsOf(again.instances),
      step.idsOf(instances),
      'L1: another host got other instances',
    )
    await assertOneSet(context, request.launchId, instances)
  },
}

const conflict: Check = {
  rule: 'L2',
  title: 'another request under the same launch id is a conflict, and creates nothing',
  async run(context) {
    const { request, instances } = await step.launched(context)
    const changed = await context.request()
    const other = {
      ...request,
      digest: sampleDigest('another request'),
      userData: changed.userData,
    }
    for (const _ of step.times(step.REPEATS, Boolean)) {
      await step.refusal(step.launch(context, other), 'conflict')
    }
    await assertOneSet(context, request.launchId, instances)
  },
}

const ownership: Check = {
  rule: 'L3',
  title: 'an accepted launch is listed at once with everything that was written on it',
  async run(context) {
    const { request, instances } = await step.launched(context)
    const [shown] = await step.listed(context, request.launchId, 1)
    assert.ok(shown, 'L3: the instance is not listed after launch has answered')
    for (const instance of [...instances, shown]) assertOwnership(context.owner, request, instance)
    const auxiliary = await step.listAll(context, { launchId: request.launchId })
    for (const resource of auxiliary) {
      assert.equal(
        resource.ownership.launchId,
        request.launchId,
        `L3: ${resource.kind} without its launch id`,
      )
    }
  },
}

function assertOwnership(
  owner: string,
  { launchId, digest, pool, agentType, units, expiry }: Awaited<ReturnType<CheckContext['request']>>,
  instance: Instance,
) {
  const { expiresAt, ...rest } = instance.ownership
  const expected = { owner, pool, agentType, launchId, digest, units: [...units], version: contractVersion }
  assert.deepEqual({ ...rest, units: [...rest.units] }, expected, 'L3: ownership does not round-trip')
  if (!('at' in expiry)) return
  assert.ok(
    Math.abs(expiresAt - expiry.at) < 1000,
    `L3: expiresAt ${expiresAt} is not ${expiry.at} to the second`,
  )
}

const relativeExpiry: Check = {
  rule: 'L3',
  title: 'an expiry of afterMs counts from the creation time of the cloud',
  async run(context) {
    const afterMs = 5_400_000
    const request = await context.request({ expiry: { afterMs } })
    const from = context.clock.now()
    await step.launch(context, request)
    const until = context.clock.now()
    const [shown] = await step.listed(context, request.launchId, 1)
    assert.ok(shown, 'L3: the instance is not listed after launch has answered')
    const { createdAt, ownership } = shown
    // Without a creation time the host's own clock has to do, with room for the cloud's being another.
    const [earliest, latest] =
      createdAt === undefined ? [from - 60_000, until + 60_000] : [createdAt - 2000, createdAt + 2000]
    const { expiresAt } = ownership
    assert.ok(
      expiresAt >= earliest + afterMs && expiresAt <= latest + afterMs,
      `L3: expiresAt ${expiresAt} is not ${afterMs} ms after creation at ${createdAt ?? from}`,
    )
  },
}

const returnsEarly: Check = {
  rule: 'L6',
  title: 'launch returns when the cloud has accepted, with instances that are not yet over',
  async run(context) {
    const ms = context.target.launchWithinMs ?? 30_000
    const request = await context.request()
    const { instances } = await step.within(context, ms, 'L6: launch', step.launch(context, request))
    for (const instance of instances)
      assert.ok(step.isLive(instance), `L6: launch answered ${instance.state}`)
  },
}

/** After its instances have ended, a launch id is spent, or (names) free for new ones; never answered by the dead. */
async function assertNotDead(context: CheckContext, running: Promise<LaunchResult>, launchId: string) {
  const outcome = await running.catch((error: unknown) => error)
  if (isContractError(outcome)) return void step.judge(outcome, ['launch-spent'])
  step.judgeAnswer(outcome)
  const answered = step.idsOf(outcome.instances)
  const look = async () => (await step.listed(context, launchId, 1)).filter(step.isLive)
  const isThere = (alive: readonly Instance[]) => answered.every(id => alive.some(one => one.id === id))
  const alive = await step.poll(context, step.listedWithin(context), look, isThere)
  assert.ok(isThere(alive), `L6: launch answered ${answered.join()}, which has ended`)
}

const spent: Check = {
  rule: 'L6',
  title: 'a launch whose instances were terminated is spent, not answered by them',
  async run(context) {
    const { request, instances } = await step.launched(context)
    for (const instance of instances) await step.untilGone(context, instance)
    await step.settle(context)
    await assertNotDead(context, step.launch(context, request), request.launchId)
  },
}

const poweredOff: Check = {
  rule: 'L6',
  title: 'a launch whose instances have powered themselves off is not answered by them',
  needs: ['oob:powerOff'],
  async run(context) {
    const { request, instances } = await step.launched(context)
    for (const instance of instances) await context.target.outOfBand.powerOff?.(instance)
    await step.settle(context)
    await assertNotDead(context, step.launch(context, request), request.launchId)
  },
}

const batch: Check = {
  rule: 'L7',
  title: 'a batch is one launch, and every instance has its own unit index',
  needs: ['batch'],
  async run(context) {
    const unitCount = Math.min(context.capabilities.launchBatchMax, 4)
    const { request, instances } = await step.launched(context, { unitCount })
    const again = await step.launch(context, request)
    assert.deepEqual(step.idsOf(again.instances), step.idsOf(instances), 'L1: a repeat gave other instances')
    const shown = await step.listed(context, request.launchId, unitCount)
    const indexes = request.units.map(({ index }) => index)
    for (const set of [instances, again.instances, shown]) {
      assert.deepEqual(set.map(({ unitIndex }) => unitIndex).sort(), indexes, 'L7: unit indexes are wrong')
    }
    const pairs = (set: readonly Instance[]) => set.map(({ id, unitIndex }) => `${id}=${unitIndex}`).sort()
    assert.deepEqual(
      pairs(shown),
      pairs(instances),
      'L7: list gives instances other unit indexes than launch',
    )
    for (const instance of shown) assertOwnership(context.owner, request, instance)
  },
}

export const launchChecks: readonly Check[] = [
  repeats,
  concurrent,
  otherHost,
  conflict,
  ownership,
  relativeExpiry,
  returnsEarly,
  spent,
  poweredOff,
  batch,
]
