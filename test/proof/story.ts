import { createDice, type Dice, type FaultKind, type Knobs, type Traits } from '@agentctl/provider-sim'

const second = 1_000
const minute = 60 * second

export const asBefore = 'as before'

/** One controller's life. */
export interface Act {
  readonly command: 'provision' | 'capacity' | 'reap'
  /** After the one before began. */
  readonly afterMs: number
  /**
   * The boundary at which it dies, of calls sent, accepted and answered, and writes of the journal: by its number, from
   * 1, or by its name, the first one; {@link asBefore}: by the name of where the one before it died.
   */
  readonly diesAt?: number | string
  /** Of `capacity`: how long it ticks; default 3 minutes. */
  readonly forMs?: number
  /** Told to stop by a signal after so long. */
  readonly stopsAfterMs?: number
  /** The next host has nothing of this one's journal. */
  readonly losesJournal: boolean
  /** On a host of its own, at the same time as the next one. */
  readonly isElsewhere: boolean
  /** On the same host, at the same time as the next one. */
  readonly isBeside: boolean
}

export type Happening =
  | { readonly kind: 'jobs'; readonly count: number }
  | {
      readonly kind: 'cancel' | 'stranger' | 'outage' | 'outage-over' | 'refusals' | 'refusals-over' | 'jump'
    }

/** All that a seed decides: the cloud, its faults, the demand, who acts when, and what happens meanwhile. */
export interface Story {
  readonly seed: string
  readonly kind: string
  readonly traits: Partial<Traits>
  readonly knobs: Partial<Knobs>
  readonly jobs: { readonly count: number; readonly ms: number }
  readonly binding: 'job' | 'queue'
  readonly hasApiToken: boolean
  readonly isShared: boolean
  readonly max: number
  readonly acts: readonly Act[]
  readonly happenings: readonly { readonly atMs: number; readonly what: Happening }[]
}

interface Kind {
  readonly traits: Partial<Traits>
  readonly knobs?: Partial<Knobs>
  /** What even the right calls cannot make good, under a key that is free again. */
  readonly hopeless?: readonly FaultKind[]
}

/** Clouds of the kinds that there are: what a launch is known by, how lists lag, what a power-off leaves. */
const kinds: Readonly<Record<string, Kind>> = {
  token: {
    traits: {
      launchBatchMax: 20,
      listing: 'eventual',
      settleMs: 20 * second,
      poweroff: 'deletes',
      zoneScopedTokens: true,
      endedShownMs: 20 * minute,
      auxiliary: ['disk', 'interface', 'spot-request'],
      listEveryMs: 5 * second,
    },
    knobs: { lagMs: [0, 20 * second] },
    // Together with a call that takes effect late under the same id: nobody can know that more than parts will come.
    hopeless: ['half-made'],
  },
  name: {
    traits: {
      idempotency: 'name',
      poweroff: 'stops',
      platformTtl: true,
      auxiliary: ['disk'],
      settleMs: 2 * second,
    },
    hopeless: ['late'],
  },
  'name, billed when off': {
    traits: {
      idempotency: 'name',
      poweroff: 'stops-and-bills',
      auxiliary: ['disk', 'interface', 'address'],
      settleMs: 5 * second,
    },
    hopeless: ['late'],
  },
  'tag look-up': {
    traits: { idempotency: 'tag-lookup', listing: 'eventual', settleMs: 10 * second, launchBatchMax: 4 },
    knobs: { lagMs: [0, 10 * second] },
    hopeless: ['late', 'duplicate'],
  },
}

const often: Partial<Record<FaultKind, number>> = {
  throttled: 0.05,
  'server-error': 0.05,
  'request-lost': 0.03,
  slow: 0.02,
}

const chances: Knobs['chances'] = {
  launch: {
    ...often,
    'answer-lost': 0.12,
    late: 0.05,
    'stock-out': 0.06,
    quota: 0.02,
    duplicate: 0.05,
    hang: 0.02,
    short: 0.06,
    'half-made': 0.03,
  },
  list: { ...often, partial: 0.05, hang: 0.01 },
  terminate: { ...often, 'answer-lost': 0.1, duplicate: 0.05, hang: 0.02 },
  describe: { ...often, 'not-found': 0.02 },
  console: often,
  mark: often,
}

export function storyOf(seed: string): Story {
  const dice = createDice(seed)
  const kind = dice.pick(['token', 'name', 'name, billed when off', 'tag look-up'])
  const { traits, knobs = {}, hopeless = [] } = kinds[kind] ?? { traits: {} }
  const isShared = dice.hits(0.15)
  return {
    seed,
    kind,
    traits,
    knobs: { ...knobs, ...faultsOf(dice.fork('faults'), hopeless, traits) },
    jobs: { count: dice.within([1, 14]), ms: dice.within([10 * second, 4 * minute]) },
    binding: isShared || dice.hits(0.75) ? 'job' : 'queue',
    hasApiToken: dice.hits(0.7),
    isShared,
    max: dice.within([2, 8]),
    acts: actsOf(dice.fork('acts'), isShared),
    happenings: happeningsOf(dice.fork('happenings')),
  }
}

function faultsOf(dice: Dice, hopeless: readonly FaultKind[], traits: Partial<Traits>): Partial<Knobs> {
  const isCalm = dice.hits(0.1)
  const launch = Object.fromEntries(
    Object.entries(chances.launch ?? {}).map(([fault, chance]) => [
      fault,
      hopeless.includes(fault as FaultKind) ? 0 : chance,
    ]),
  )
  const sometimes = (chance: number, value: number) => (dice.hits(chance) ? value : 0)
  return {
    chances: isCalm ? {} : { ...chances, launch },
    bootMs: [5 * second, dice.within([10 * second, 100 * second])],
    deleteMs: [second, dice.within([2 * second, 90 * second])],
    bootFailure: { chance: sometimes(0.4, dice.next() * 0.4), text: 'cloud-init: no such image' },
    silentChance: sometimes(0.3, 0.1),
    wedgedChance: sometimes(0.2, 0.1),
    breakChance: sometimes(0.4, 0.1),
    undeletableChance: sometimes(0.1, 0.1),
    reclaim: { chance: sometimes(0.5, 0.4), afterMs: [5 * second, 2 * minute] },
    leftovers: Object.fromEntries((traits.auxiliary ?? ['disk']).map(one => [one, sometimes(0.5, 0.3)])),
    skewMs: dice.hits(0.3) ? dice.within([0, 90 * second]) : 0,
    quota: dice.hits(0.2) ? dice.within([2, 6]) : Number.POSITIVE_INFINITY,
    strangers: dice.within([0, 1]),
    ...(dice.hits(0.3) && { rates: { launch: { burst: 5, perSecond: 1 } } }),
    ...(dice.hits(0.3) && { stock: { 'small/a/spot': dice.within([0, 3]) } }),
  }
}

/** A controller has to look at least every so often, or what a cloud cannot end by itself waits for it. */
const gapMs = [5 * second, 4 * minute] as const

function actsOf(dice: Dice, isShared: boolean): readonly Act[] {
  const beside = dice.fork('beside')
  return Array.from({ length: dice.within([1, 6]) }, (_, at) => ({
    command: dice.pick(['provision', 'provision', 'capacity', 'capacity', 'reap']),
    afterMs: at === 0 ? 0 : dice.within(gapMs),
    ...(dice.hits(0.7) && { diesAt: dice.within([1, 120]) }),
    losesJournal: !isShared && dice.hits(0.1),
    isElsewhere: isShared && dice.hits(0.5),
    isBeside: !isShared && beside.hits(0.25),
  }))
}

function happeningsOf(dice: Dice): Story['happenings'] {
  const at = () => dice.within([second, 10 * minute])
  const some = (count: number, what: () => Happening) =>
    Array.from({ length: count }, () => ({ atMs: at(), what: what() }))
  const pair = (chance: number, kind: 'outage' | 'refusals') => {
    if (!dice.hits(chance)) return []
    const from = at()
    return [
      { atMs: from, what: { kind } },
      { atMs: from + dice.within([20 * second, 3 * minute]), what: { kind: `${kind}-over` as const } },
    ]
  }
  return [
    ...some(dice.within([0, 3]), () => ({ kind: 'jobs', count: dice.within([1, 5]) })),
    ...some(dice.within([0, 2]), () => ({ kind: 'cancel' })),
    ...some(dice.hits(0.3) ? 1 : 0, () => ({ kind: 'stranger' })),
    ...some(dice.hits(0.1) ? 1 : 0, () => ({ kind: 'jump' })),
    ...pair(0.25, 'outage'),
    ...pair(0.2, 'refusals'),
  ].toSorted((one, other) => one.atMs - other.atMs)
}
