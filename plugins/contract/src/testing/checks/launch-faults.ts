import assert from 'node:assert/strict'
import type { Check } from '../check.ts'
import * as step from '../steps.ts'

const leavesNothing: Check = {
  rule: 'L4',
  title: 'a failed launch leaves nothing, or only what list shows',
  needs: ['fault:failNextLaunch'],
  async run(context) {
    const request = await context.request()
    await context.target.faults?.failNextLaunch?.()
    await step.refusal(step.launch(context, request))
    await step.endAll(context)
    await step.settle(context)
    await step.assertNothingLeft(context)
  },
}

const outcomeUnknown: Check = {
  rule: 'L5',
  title: 'a launch whose answer was lost is outcome-unknown, and a repeat finds its instances',
  needs: ['fault:loseNextLaunchReply'],
  async run(context) {
    const request = await context.request()
    await context.target.faults?.loseNextLaunchReply?.()
    // A provider that asks again under the same id and gets the answer has kept the rule too.
    const first = await step.launch(context, request).catch((error: unknown) => error)
    if (first instanceof Error) step.judge(first, ['outcome-unknown'])
    const { instances } = await step.launchUntilDefinite(context, request)
    await step.settle(context)
    const shown = await step.listed(context, request.launchId, request.units.length)
    assert.equal(shown.length, request.units.length, 'L5: the lost answer became a second set of instances')
    assert.deepEqual(step.idsOf(shown), step.idsOf(instances), 'L5: list shows another set than the repeat')
  },
}

const shortfall: Check = {
  rule: 'L7',
  title: 'fewer instances than units is a shortfall, with the right unit indexes',
  needs: ['batch', 'fault:shortNextLaunch'],
  async run(context) {
    const unitCount = Math.min(context.capabilities.launchBatchMax, 4)
    const request = await context.request({ unitCount })
    await context.target.faults?.shortNextLaunch?.(1)
    const { instances, shortfall: reason } = await step.launch(context, request)
    assert.equal(instances.length, 1, 'L7: expected one instance of a launch that was cut to one')
    assert.ok(reason, 'L7: fewer instances than units, and no shortfall says why')
    step.judge(reason, ['capacity-unavailable', 'quota-exceeded'])
    const shown = await step.listed(context, request.launchId, 1)
    assert.deepEqual(
      step.idsOf(shown),
      step.idsOf(instances),
      'L7: list shows another set than launch answered',
    )
    assert.equal(shown[0]?.unitIndex, instances[0]?.unitIndex, 'L7: list and launch differ in the unit index')
  },
}

const hungAborted: Check = {
  rule: 'C1',
  title: 'a hung launch ends within 1 s of its signal, and says that it may have been accepted',
  needs: ['fault:hangNextLaunch'],
  async run(context) {
    const request = await context.request()
    const stop = new AbortController()
    await context.target.faults?.hangNextLaunch?.()
    const running = context.provider.launch(request, context.call({ signal: stop.signal }))
    running.catch(() => {})
    await context.clock.sleep(500)
    stop.abort()
    await step.within(context, 1000, 'C1: an aborted launch', step.refusal(running, 'outcome-unknown'))
  },
}

const hungPastDeadline: Check = {
  rule: 'C1',
  title: 'a hung launch ends at its deadline, and says that it may have been accepted',
  needs: ['fault:hangNextLaunch'],
  async run(context) {
    const request = await context.request()
    await context.target.faults?.hangNextLaunch?.()
    const call = context.call({ deadlineMs: context.clock.now() + 1500 })
    const refused = step.refusal(context.provider.launch(request, call), 'outcome-unknown')
    await step.within(context, 2500, 'C1: a launch with a deadline in 1500 ms', refused)
  },
}

export const launchFaultChecks: readonly Check[] = [
  leavesNothing,
  outcomeUnknown,
  shortfall,
  hungAborted,
  hungPastDeadline,
]
