import { expect, it } from 'vitest'
import { adjustedClock } from '../../../src/coordination/adjusted-clock.ts'

/** A clock that is set by hand, adjusted to another one that is `aheadMs` ahead of it. */
function adjusted(aheadMs: number) {
  const own = { at: 1_000_000 }
  const clock = adjustedClock({ now: () => own.at, sleep: async () => undefined })
  clock.adjust(aheadMs)
  return { own, clock }
}

it('goes by the time that all hosts share, and takes no heed of the way there and back', () => {
  expect(adjusted(3_600_000).clock.now()).toBe(4_600_000)
  expect(adjusted(-3_600_000).clock.now()).toBe(-2_600_000)
  expect(adjusted(400).clock.now()).toBe(1_000_000)
})

it('is trusted while it is measured, and drifts at most', () => {
  const { own, clock } = adjusted(0)
  const isTrusted = clock.trust()
  for (const aheadMs of [0, 700, 1_500, -300]) {
    own.at += 1_000
    clock.adjust(aheadMs)
    expect(isTrusted()).toBe(true)
  }
})

it.each([3_600_000, -3_600_000])(
  'is not trusted from when it is set by %i, until it is asked for anew',
  stepMs => {
    const { own, clock } = adjusted(0)
    const isTrusted = clock.trust()
    own.at += stepMs
    expect(isTrusted()).toBe(false)
    clock.adjust(-stepMs)
    expect(isTrusted()).toBe(false)
    expect(clock.trust()()).toBe(true)
  },
)

it('is not trusted while it is not measured', () => {
  const { own, clock } = adjusted(0)
  const isTrusted = clock.trust()
  own.at += 20_000
  expect(isTrusted()).toBe(false)
  clock.adjust(0)
  expect(isTrusted()).toBe(true)
})
