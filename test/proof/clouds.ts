import type { Dice, FaultKind, Knobs, Traits } from '@agentctl/provider-sim'

const second = 1_000
const minute = 60 * second

export interface Kind {
  readonly traits: Partial<Traits>
  readonly knobs?: Partial<Knobs>
  /** What even the right calls cannot make good, under a key that is free again. */
  readonly hopeless?: readonly FaultKind[]
}

/** Clouds of the kinds that there are: what a launch is known by, how lists lag, what a power-off leaves. */
export const kinds: Readonly<Record<string, Kind>> = {
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
    // A call makes its machines or is refused; parts of one that cannot end itself are no behaviour of such a cloud.
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

export function faultsOf(dice: Dice, { traits, hopeless = [] }: Kind): Partial<Knobs> {
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
