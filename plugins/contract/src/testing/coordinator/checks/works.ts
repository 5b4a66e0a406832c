import assert from 'node:assert/strict'
import type { CoordinatorCheck } from '../check.ts'
import { type CoordinatorContext, workOn } from '../context.ts'
import * as step from '../steps.ts'

const fourHosts = (context: CoordinatorContext) =>
  Promise.all(step.times(4, index => context.live(`host-${index}`)))

const oneHost: CoordinatorCheck = {
  rule: 'K1',
  title: 'under many takes at the same time each work is held by one host',
  async run(context) {
    const hosts = await fourHosts(context)
    const works = step.times(12, index => workOn(`pool-${index}`))
    await hosts[0]?.coordinator.offer(works)
    const takes = await Promise.all(
      step.times(8, () => hosts.map(({ coordinator }) => coordinator.take())).flat(),
    )
    const rest = await Promise.all(hosts.map(step.takeAll))
    const held = step.namesOf([...takes.filter(taken => taken !== undefined), ...rest.flat()])
    assert.deepEqual(held, works.map(({ name }) => name).sort(), 'what is held is not each work once')
  },
}

const subjects: CoordinatorCheck = {
  rule: 'K1',
  title: 'works that have a subject in common are never held at the same time',
  async run(context) {
    const hosts = await fourHosts(context)
    const works = [workOn('a+b', 'a', 'b'), workOn('b+c', 'b', 'c'), workOn('c+d', 'c', 'd'), workOn('e')]
    await hosts[0]?.coordinator.offer(works)
    for (const round of step.times(4, index => index)) {
      const taken = (await Promise.all(hosts.map(step.takeAll))).flat()
      const acted = taken.flatMap(({ work }) => work.subjects)
      assert.equal(new Set(acted).size, acted.length, `held together: ${step.namesOf(taken).join(', ')}`)
      assert.ok(acted.includes('b') || acted.includes('c'), `round ${round}: nobody was given b or c`)
      await Promise.all(taken.map(tenure => tenure.release()))
    }
  },
}

const twice: CoordinatorCheck = {
  rule: 'K1',
  title: 'what is offered twice, by one host or two, is one work',
  async run(context) {
    const [one, other] = await Promise.all([context.live('one'), context.live('other')])
    const works = [workOn('a'), workOn('b+c', 'b', 'c')]
    await Promise.all([one, one, other].map(({ coordinator }) => coordinator.offer(works)))
    const [first] = await step.takeAll(one)
    await other.coordinator.offer(works)
    assert.ok(first, 'no work was given')
    await step.assertNothingToTake(other, 'both are held')
    await first.release()
    assert.deepEqual(step.namesOf(await step.takeAll(other)), [first.work.name])
    assert.equal((await other.beat()).works, 2, 'a beat tells another number of works')
  },
}

const noneOffered: CoordinatorCheck = {
  rule: 'K1',
  title: 'where nothing is offered nothing is given',
  async run(context) {
    const host = await context.live('host')
    await host.coordinator.offer([])
    await step.assertNothingToTake(host, 'none was offered')
    assert.equal((await host.beat()).works, 0)
  },
}

export const workChecks = [oneHost, subjects, twice, noneOffered]
