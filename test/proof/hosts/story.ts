import { type CoordinatorKnobs, createDice, type Dice, type Knobs, type Traits } from '@agentctl/provider-sim'
import type { AgentChances } from '../../sim/queue.ts'
import { faultsOf, kinds } from '../clouds.ts'
import { type Happening, happeningsOf } from '../happenings.ts'
import { type HostEvent, hostEventsOf } from './events.ts'

const second = 1_000
const minute = 60 * second

export const hostNames = ['one', 'two', 'three'] as const
export type HostName = (typeof hostNames)[number]

/** Two agent types share a pool, so that three works look after four pools; a fourth one is for what is nobody's. */
export const feeds: Readonly<Record<string, readonly string[]>> = {
  's1-a': ['a'],
  's1-b': ['b', 'c'],
  's1-c': ['c'],
  's1-d': ['d'],
}

/** All that a seed decides: the cloud and the coordinator with their faults, the demand, and what befalls each host. */
export interface HostStory {
  readonly seed: string
  readonly kind: string
  readonly traits: Partial<Traits>
  readonly knobs: Partial<Knobs>
  readonly coordinator: Partial<CoordinatorKnobs>
  readonly jobs: { readonly count: number; readonly ms: number }
  readonly binding: 'job' | 'queue'
  readonly hasApiToken: boolean
  /** Over all pools. */
  readonly max: number
  readonly agents: AgentChances
  readonly happenings: readonly Happening[]
  /** How far each host's clock is ahead. Unit: milliseconds. */
  readonly aheadMs: Readonly<Record<HostName, number>>
  readonly events: readonly HostEvent[]
}

export function hostStoryOf(seed: string): HostStory {
  const dice = createDice(`hosts ${seed}`)
  const kind = dice.pick(['token', 'name', 'name, billed when off', 'tag look-up'])
  const cloud = kinds[kind] ?? { traits: {} }
  const clocks = dice.fork('clocks')
  const aheadMs = () => (clocks.hits(0.5) ? clocks.within([-60 * minute, 60 * minute]) : 0)
  return {
    ...{ seed, kind, traits: cloud.traits },
    knobs: { ...cloud.knobs, ...faultsOf(dice.fork('faults'), cloud) },
    coordinator: coordinatorOf(dice.fork('coordinator')),
    // Of each agent type.
    jobs: { count: dice.within([0, 4]), ms: dice.within([10 * second, 2 * minute]) },
    binding: dice.hits(0.7) ? 'job' : 'queue',
    hasApiToken: dice.hits(0.7),
    max: dice.within([3, 9]),
    agents: { replyLost: dice.hits(0.25) ? 0.15 : 0, again: dice.hits(0.2) ? 0.2 : 0 },
    happenings: halved(happeningsOf(dice.fork('happenings'))),
    aheadMs: { one: aheadMs(), two: aheadMs(), three: aheadMs() },
    events: hostEventsOf(dice.fork('events')),
  }
}

function coordinatorOf(dice: Dice): Partial<CoordinatorKnobs> {
  const chance = (of: number, value: number) => (dice.hits(of) ? value : 0)
  return {
    chances: {
      refused: chance(0.6, 0.03),
      'reply-lost': chance(0.6, 0.03),
      late: chance(0.4, 0.03),
      slow: chance(0.4, 0.02),
    },
    latencyMs: [1, dice.within([5, 200])],
  }
}

/** A host has no journal whose disk could fail, and clocks of its own. Everything comes twice as soon. */
function halved(happenings: readonly Happening[]): readonly Happening[] {
  const not: readonly string[] = ['set-back', 'write-fails', 'disk-full']
  return happenings
    .filter(({ kind }) => !not.includes(kind))
    .map(one => ({
      ...one,
      atMs: Math.floor(one.atMs / 2),
      ...('forMs' in one && one.kind !== 'stale' && { forMs: Math.floor(one.forMs / 2) }),
    }))
}
