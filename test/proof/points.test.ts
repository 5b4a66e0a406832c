import { expect, it } from 'vitest'
import { campaign } from './campaign.ts'
import { crashPoints, isFirst } from './points.ts'
import { add, nothing } from './totals.ts'

/** Of each name the first boundary; `npm run proof` has every single one. */
it('a controller that dies at any kind of boundary, once or again and again, costs nothing', {
  timeout: 300_000,
}, async () => {
  let totals = nothing
  await campaign({
    stories: await crashPoints(isFirst),
    jobs: 1,
    onOutcome(outcome) {
      totals = add(totals, outcome)
      return undefined
    },
  })
  expect(totals.failed).toEqual([])
  expect(totals.stories).toBeGreaterThan(500)
  // Each of them died, and those that die again and again did so more than once.
  expect(totals.deaths).toBeGreaterThan(totals.stories)
  expect(totals).toMatchObject({ leakedMinutes: 0, doubled: 0 })
})
