import assert from 'node:assert/strict'
import type { Tenure } from '../../../coordinator.ts'
import type { CoordinatorCheck } from '../check.ts'
import { type CoordinatorContext, workOn } from '../context.ts'
import * as step from '../steps.ts'

/** Two hosts, each with two of four works. */
async function fourTenures(context: CoordinatorContext): Promise<readonly Tenure[]> {
  const [one, other] = await Promise.all([context.live('one'), context.live('other')])
  await one.coordinator.offer(['a', 'b', 'c', 'd'].map(name => workOn(name)))
  const hosts = [one, other, one, other]
  const tenures: Tenure[] = []
  for (const host of hosts) tenures.push(await step.takeOne(host))
  return tenures
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

const bounded: CoordinatorCheck = {
  rule: 'K6',
  title: 'what works are granted at the same time is never more than the maximum in sum',
  async run(context) {
    const tenures = await fourTenures(context)
    const granted = new Map<Tenure, number>()
    for (const round of step.times(6, index => index)) {
      const answers = await Promise.all(
        tenures.map(async (tenure, at) => {
          const wanted = (at * 3 + round * 5) % 9
          const grant = await tenure.grant(wanted, 10)
          assert.ok(grant >= 0 && grant <= wanted, `${grant} were granted where ${wanted} were wanted`)
          return [tenure, grant] as const
        }),
      )
      for (const [tenure, grant] of answers) granted.set(tenure, grant)
      const total = sum([...granted.values()])
      assert.ok(total <= 10, `${total} are granted, and 10 may be`)
    }
  },
}

const given: CoordinatorCheck = {
  rule: 'K6',
  title: 'what nobody has is granted, what is given back is granted to others, and a lower maximum is kept',
  async run(context) {
    const [a, b, c] = await fourTenures(context)
    assert.ok(a && b && c)
    assert.equal(await a.grant(6, 10), 6)
    assert.equal(await b.grant(9, 10), 4)
    assert.equal(await c.grant(1, 10), 0)
    assert.equal(await a.grant(2, 10), 2, 'who asks for less has less')
    assert.equal(await c.grant(9, 10), 4)
    assert.equal(await b.grant(0, 10), 0)
    assert.equal(await c.grant(9, 10), 8)
    assert.equal(await a.grant(5, 4), 0, 'others have more than a maximum that was lowered')
    assert.equal(await c.grant(9, 4), 4)
  },
}

const outlives: CoordinatorCheck = {
  rule: 'K6',
  title: 'a grant outlives its holder: who takes the work up next has it',
  async run(context) {
    const [one, other] = await Promise.all([context.live('one'), context.live('other')])
    const [a] = await step.holding(one, workOn('a'))
    assert.equal(await a?.grant(6, 8), 6)
    const [b] = await step.holding(other, workOn('b'))
    await one.silence()
    const taken = await step.takenWithin(context, other, context.silentWithinMs)
    assert.equal(await b?.grant(8, 8), 2, 'a grant was given to others when its holder fell silent')
    assert.equal(await taken.grant(6, 8), 6, 'who takes a work up does not have what was granted')
    await taken.release()
    assert.equal(await b?.grant(8, 8), 2, 'a grant was given to others when its work was released')
  },
}

export const grantChecks = [bounded, given, outlives]
