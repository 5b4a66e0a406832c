import { contractError } from '@agentctl/contract'
import { beforeEach, describe, expect, it } from 'vitest'
import { ownPart } from '../../../src/coordination/own-part.ts'

let time = 0
let asked: number[] = []
let left = 0
beforeEach(() => {
  time = 0
  asked = []
  left = 100
})

const tenure = {
  async grant(wanted: number) {
    if (left < 0) throw contractError('unavailable', 'away')
    asked.push(wanted)
    return Math.min(wanted, left)
  },
}
const open = (max = 100) => ownPart(tenure, { max, now: () => time })
const seconds = (count: number) => {
  time += count * 1_000
}

describe('the part of all machines that a work may have', () => {
  it('is not asked for where there is no bound', async () => {
    expect(await open(Number.POSITIVE_INFINITY)(7)).toBe(Number.POSITIVE_INFINITY)
    expect(asked).toEqual([])
  })

  it('is asked for at once where more is needed, and not again while it is enough', async () => {
    const part = open()
    expect(await part(3)).toBe(3)
    seconds(2)
    expect(await part(5)).toBe(5)
    for (const needed of [5, 4, 5, 3]) {
      seconds(2)
      expect(await part(needed)).toBe(5)
    }
    expect(asked).toEqual([3, 5])
  })

  it('is given back when less was needed for a while', async () => {
    const part = open()
    await part(9)
    seconds(31)
    expect(await part(4)).toBe(4)
    expect(asked).toEqual([9, 4])
  })

  it('is asked for again every few seconds while others have the rest', async () => {
    left = 2
    const part = open()
    expect(await part(6)).toBe(2)
    seconds(2)
    expect(await part(6)).toBe(2)
    expect(asked).toEqual([6])
    left = 6
    seconds(3)
    expect(await part(6)).toBe(6)
  })

  it('stays what it was while nobody answers', async () => {
    const part = open()
    await part(3)
    left = -1
    seconds(60)
    expect(await part(8)).toBe(3)
  })

  it('is no more than what was asked for, where nobody knows what came of giving the rest back', async () => {
    const part = open()
    expect(await part(8)).toBe(8)
    seconds(31)
    left = -1
    expect(await part(2)).toBe(2)
    expect(await part(5)).toBe(2)
    seconds(6)
    left = 4
    expect(await part(5)).toBe(4)
  })
})
