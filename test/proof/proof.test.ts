import { describe, expect, it } from 'vitest'
import { play } from './play.ts'
import { storyOf } from './story.ts'

/** Seeds that found a mistake once, and what it was. */
const found: Readonly<Record<string, string>> = {
  'seed 3': 'a machine that the cloud does not delete kept provision waiting for ever',
  'seed 53': 'what was forgotten and known again between two looks at the queue counted as headway',
}

describe('stories that went wrong once', () => {
  it.each(Object.entries(found))('%s: %s', async seed => {
    const { violations } = await play(storyOf(seed))
    expect(violations).toEqual([])
  })
})

it('the same seed gives the same story, to the line', async () => {
  const [one, other] = [await play(storyOf('replay')), await play(storyOf('replay'))]
  expect(other.log).toEqual(one.log)
  expect(other.violations).toEqual(one.violations)
})
