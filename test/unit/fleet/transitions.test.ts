import { expect, it } from 'vitest'
import { transitionsOf } from '../../../src/fleet/transitions.ts'

const entered = { requested: 0, launching: 0, booting: 2_000, online: 32_000, draining: 92_000 }

it('tells each step of a unit once, from one look to the next', () => {
  expect(transitionsOf({ entered }, { entered: { requested: 0, launching: 0, booting: 2_000 } })).toEqual([
    { left: 'booting', entered: 'online', tookMs: 30_000 },
    { left: 'online', entered: 'draining', tookMs: 60_000 },
  ])
  expect(transitionsOf({ entered }, { entered })).toEqual([])
})

it('tells all of a new one, and leaves out phases that nobody saw', () => {
  expect(transitionsOf({ entered: { booting: 1_000, gone: 5_000 } }, undefined)).toEqual([
    { left: 'booting', entered: 'gone', tookMs: 4_000 },
  ])
})
