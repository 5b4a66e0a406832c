import assert from 'node:assert/strict'
import type { Check } from '../check.ts'
import * as step from '../steps.ts'

const absent: Check = {
  rule: 'T1',
  title: 'terminate of what is not there answers gone, ten times',
  async run(context) {
    const { instances } = await step.launched(context)
    const [instance] = instances
    assert.ok(instance)
    await step.settle(context)
    const never = step.absentRef(context, instance)
    for (const _ of step.times(step.REPEATS, Boolean)) {
      assert.equal(await step.terminate(context, never), 'gone', 'T1: an absent ref must answer gone')
    }
  },
}

const converges: Check = {
  rule: 'T2',
  title: 'terminate converges to gone and stays there, called once or ten times at once',
  async run(context) {
    const { instances } = await step.launched(context)
    for (const instance of instances) {
      await Promise.all(step.times(step.REPEATS, () => step.terminate(context, instance)))
      await step.untilGone(context, instance)
    }
    await step.settle(context)
    for (const instance of instances) {
      for (const _ of step.times(step.REPEATS, Boolean)) {
        assert.equal(await step.terminate(context, instance), 'gone', 'T2: gone did not stay gone')
      }
    }
  },
}

const early: Check = {
  rule: 'T2',
  title: 'terminate right after launch ends the instance',
  async run(context) {
    const { instances } = await step.launched(context)
    // A cloud that does not show it yet says "not found", which is no proof: gone here would leak it.
    for (const instance of instances) await step.untilGone(context, instance)
    await step.settle(context)
    await step.assertNothingLeft(context)
  },
}

const notOwned: Check = {
  rule: 'T3',
  title: 'terminate refuses what another owner has',
  async run(context) {
    const other = await context.openOther()
    const { instances } = await step.launch(context, await context.request(), other.provider)
    await step.settle(context)
    for (const instance of instances) {
      for (const _ of step.times(step.REPEATS, Boolean)) {
        await step.refusal(step.terminate(context, instance), 'not-owned')
      }
    }
    const seen = await step.listAll(context, { kinds: ['instance'] }, other.provider)
    assert.deepEqual(
      step.idsOf(seen.filter(step.isLive)),
      step.idsOf(instances),
      'T3: it was ended all the same',
    )
  },
}

const foreign: Check = {
  rule: 'T3',
  title: 'terminate refuses what carries no owner',
  needs: ['oob:createForeign'],
  async run(context) {
    const { outOfBand } = context.target
    const ref = await outOfBand.createForeign?.()
    assert.ok(ref)
    await step.settle(context)
    await step.refusal(step.terminate(context, ref), 'not-owned')
    if (outOfBand.exists) assert.ok(await outOfBand.exists(ref), 'T3: it was ended all the same')
  },
}

const nothingRemains: Check = {
  rule: 'T4',
  title: 'after gone nothing of the launch remains, of any kind',
  async run(context) {
    const { request, instances } = await step.launched(context, {
      unitCount: Math.min(context.capabilities.launchBatchMax, 2),
    })
    await step.listed(context, request.launchId, instances.length)
    for (const instance of instances) await step.untilGone(context, instance)
    await step.settle(context)
    await step.assertNothingLeft(context)
    const shown = await step.listAll(context, { launchId: request.launchId })
    const alive = shown.filter(({ state }) => state !== 'terminated')
    assert.deepEqual(step.idsOf(alive), [], 'T4: list still shows something of the launch')
  },
}

const poweredOff: Check = {
  rule: 'T4',
  title: 'what a power-off leaves is as the capabilities say, and can be swept',
  needs: ['oob:powerOff'],
  async run(context) {
    const { request, instances } = await step.launched(context)
    for (const instance of instances) await context.target.outOfBand.powerOff?.(instance)
    const isOver = (states: readonly string[]) =>
      states.every(state => !['pending', 'running', 'stopping'].includes(state))
    const look = async () =>
      (await step.listAll(context, { kinds: ['instance'], launchId: request.launchId })).map(
        ({ state }) => state,
      )
    await step.settle(context)
    const states = await step.poll(context, context.target.goneWithinMs ?? 120_000, look, isOver)
    const stops = context.capabilities.poweroff !== 'deletes'
    const expected = stops ? ['stopped', 'failed'] : ['terminated']
    assert.equal(
      states.length > 0 || !stops,
      true,
      'T4: a stopped instance is not listed, so nobody sweeps it',
    )
    for (const state of states) {
      assert.ok(
        expected.includes(state),
        `T4: ${state} after a power-off that ${stops ? 'stops' : 'deletes'}`,
      )
    }
    await step.endAll(context)
    await step.settle(context)
    await step.assertNothingLeft(context)
  },
}

export const terminateChecks: readonly Check[] = [
  absent,
  converges,
  early,
  notOwned,
  foreign,
  nothingRemains,
  poweredOff,
]
