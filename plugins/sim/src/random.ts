import { createHash } from 'node:crypto'
import type { Random } from '@agentctl/contract'

/** A pair of bounds, both inclusive. Unit: milliseconds. */
export type Range = readonly [min: number, max: number]

/** Chance that can be replayed from its seed. */
export interface Dice extends Random {
  /** True with probability `chance`, in [0, 1]. Rolls only where the outcome is open. */
  hits(chance: number): boolean
  /** A whole number of the range. */
  within(range: Range): number
  pick<T>(items: readonly [T, ...T[]]): T
  /** Dice of their own for one purpose, so that one more roll here changes nothing there. */
  fork(label: string): Dice
}

/** Mulberry32 over the seed's hash: short, fast, and good enough to choose faults. */
export function createDice(seed: string): Dice {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    hits: chance => chance > 0 && (chance >= 1 || next() < chance),
    within: ([min, max]) => (max <= min ? min : min + Math.floor(next() * (max - min + 1))),
    pick: items => items[Math.floor(next() * items.length)] ?? items[0],
    fork: label => createDice(`${seed}/${label}`),
  }
}
