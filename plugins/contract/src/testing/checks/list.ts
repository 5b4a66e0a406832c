import assert from 'node:assert/strict'
import { resourceKinds } from '../../resources.ts'
import type { Check } from '../check.ts'
import * as step from '../steps.ts'

const everyLaunch: Check = {
  rule: 'S1',
  title: 'list shows every instance of several launches, once each',
  async run(context) {
    const made = []
    for (const _ of step.times(context.target.launchesForPaging ?? 3, Boolean)) {
      made.push(...(await step.launched(context)).instances)
    }
    const look = () => step.listAll(context, { kinds: ['instance'] })
    const shown = await step.poll(
      context,
      step.listedWithin(context),
      look,
      seen => seen.length >= made.length,
    )
    assert.deepEqual(step.idsOf(shown), step.idsOf(made), 'S1: list does not show exactly what was launched')
  },
}

const filters: Check = {
  rule: 'S1',
  title: 'list filters by kind and by launch id',
  async run(context) {
    const { request, instances } = await step.launched(context)
    const { request: other } = await step.launched(context)
    await step.settle(context)
    await step.listed(context, other.launchId, 1)
    const shown = await step.listed(context, request.launchId, instances.length)
    assert.deepEqual(
      step.idsOf(shown),
      step.idsOf(instances),
      'S1: the filter by launch id shows another set',
    )
    const all = await step.listAll(context, { launchId: request.launchId })
    for (const kind of resourceKinds) {
      const ofKind = await step.listAll(context, { kinds: [kind], launchId: request.launchId })
      const expected = all.filter(resource => resource.kind === kind)
      assert.deepEqual(
        step.idsOf(ofKind),
        step.idsOf(expected),
        `S1: the filter by ${kind} shows another set`,
      )
    }
  },
}

const owners: Check = {
  rule: 'S1',
  title: 'two owners side by side see their own resources only',
  async run(context) {
    const other = await context.openOther()
    const mine = await step.launched(context)
    // The same launch id under another owner cannot happen (it is hashed in), but its digest and pool can.
    const theirs = await step.launch(context, await context.request(), other.provider)
    await step.settle(context)
    const seen = await step.listAll(context, { kinds: ['instance'] })
    const seenByOther = await step.listAll(context, { kinds: ['instance'] }, other.provider)
    assert.deepEqual(step.idsOf(seen), step.idsOf(mine.instances), 'S1: list shows what another owner has')
    assert.deepEqual(step.idsOf(seenByOther), step.idsOf(theirs.instances), 'S1: the other owner sees ours')
    for (const { ownership } of seenByOther) assert.equal(ownership.owner, other.owner)
  },
}

const foreign: Check = {
  rule: 'S1',
  title: 'list does not show what nobody tagged as ours',
  needs: ['oob:createForeign'],
  async run(context) {
    const ref = await context.target.outOfBand.createForeign?.()
    await step.settle(context)
    const seen = await step.listAll(context)
    assert.ok(!seen.some(({ id }) => id === ref?.id), 'S1: list shows a resource without our owner tag')
  },
}

const complete: Check = {
  rule: 'S2',
  title: 'a list that breaks off throws',
  needs: ['fault:failListMidway'],
  async run(context) {
    const made = []
    for (const _ of step.times(context.target.launchesForPaging ?? 3, Boolean)) {
      made.push(...(await step.launched(context)).instances)
    }
    await step.settle(context)
    await context.target.faults?.failListMidway?.()
    const outcome = await step.listAll(context, { kinds: ['instance'] }).catch((error: unknown) => error)
    // A provider may read a failed page again once, as its one transport retry; then nothing may be missing.
    if (Array.isArray(outcome)) {
      assert.deepEqual(step.idsOf(outcome), step.idsOf(made), 'S2: list ended early without an error')
    } else step.judge(outcome)
    const later = await step.listAll(context, { kinds: ['instance'] })
    assert.deepEqual(step.idsOf(later), step.idsOf(made), 'S2: the list after the fault is not complete')
  },
}

const unmapped: Check = {
  rule: 'S3',
  title: 'a status that the plugin does not know is unknown',
  needs: ['fault:unmapState'],
  async run(context) {
    const { request, instances } = await step.launched(context)
    const [instance] = instances
    assert.ok(instance)
    await step.listed(context, request.launchId, 1)
    await context.target.faults?.unmapState?.(instance)
    await step.settle(context)
    const [shown] = await step.listed(context, request.launchId, 1)
    assert.equal(shown?.state, 'unknown', 'S3: an unmapped status must read unknown')
  },
}

export const listChecks: readonly Check[] = [everyLaunch, filters, owners, foreign, complete, unmapped]
