import type { Dice } from '@agentctl/provider-sim'

const second = 1_000
const minute = 60 * second

/** What comes at once. `jump`: the cloud's clock goes forward; `set-back`: that of the hosts goes back by `count` s. */
type Moment = 'jobs' | 'cancel' | 'stranger' | 'jump' | 'set-back' | 'write-fails' | 'strangers'
/**
 * What lasts for a while. `outage` and `lost-type`: the hub answers 500, or 404; `stale`: as it did before; `refusals`:
 * it grants nothing. `unlisted`: the cloud answers no list; `locked-out` and `forbidden`: it takes no credentials, or
 * says that a right is missing. `disk-full`: no journal can be written.
 */
export type Spell =
  | 'outage'
  | 'lost-type'
  | 'stale'
  | 'refusals'
  | 'unlisted'
  | 'locked-out'
  | 'forbidden'
  | 'disk-full'

export type Happening = { readonly atMs: number } & (
  | { readonly kind: Moment; readonly count: number }
  | { readonly kind: Spell; readonly forMs: number }
)

const spells: Readonly<Record<Spell, { readonly chance: number; readonly ms: readonly [number, number] }>> = {
  outage: { chance: 0.25, ms: [20 * second, 3 * minute] },
  refusals: { chance: 0.25, ms: [20 * second, 6 * minute] },
  'lost-type': { chance: 0.08, ms: [10 * second, 2 * minute] },
  // A hub that shows what was for longer than an agent may take to register is believed.
  stale: { chance: 0.15, ms: [10 * second, 55 * second] },
  unlisted: { chance: 0.3, ms: [20 * second, 3 * minute] },
  'locked-out': { chance: 0.1, ms: [5 * second, minute] },
  forbidden: { chance: 0.1, ms: [5 * second, minute] },
  'disk-full': { chance: 0.12, ms: [5 * second, 2 * minute] },
}

export function happeningsOf(dice: Dice): readonly Happening[] {
  const atMs = () => dice.within([second, 10 * minute])
  const some = (times: number, kind: Moment, count: () => number = () => 1) =>
    Array.from({ length: times }, (): Happening => ({ atMs: atMs(), kind, count: count() }))
  const times = (chance: number, count: number) => (dice.hits(chance) ? count : 0)
  return [
    ...some(dice.within([0, 3]), 'jobs', () => dice.within([1, 5])),
    ...some(dice.within([0, 2]), 'cancel'),
    ...some(times(0.3, 1), 'stranger'),
    ...some(times(0.1, 1), 'jump', () => 20),
    ...some(times(0.1, 1), 'set-back', () => dice.within([5, 180])),
    ...some(times(0.15, 2), 'write-fails', () => dice.within([1, 3])),
    ...some(times(0.3, 2), 'strangers', () => dice.within([0, 5])),
    ...Object.entries(spells).flatMap(([kind, { chance, ms }]): readonly Happening[] =>
      dice.hits(chance) ? [{ atMs: atMs(), kind: kind as Spell, forMs: dice.within(ms) }] : [],
    ),
  ].toSorted((one, other) => one.atMs - other.atMs)
}
