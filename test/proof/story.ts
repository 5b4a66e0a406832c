import { createDice, type Dice, type Knobs, type Traits } from '@agentctl/provider-sim'
import type { AgentChances } from '../sim/queue.ts'
import type { Interception } from '../sim/rig.ts'
import { actsOf } from './acts.ts'
import { faultsOf, kinds } from './clouds.ts'
import { type Happening, happeningsOf } from './happenings.ts'

const second = 1_000
const minute = 60 * second

/** What a person may change between two commands. */
export type Config = Pick<Interception, 'token' | 'pool'>

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
  /** Told to stop by a signal after so long, or to leave at once. */
  readonly stopsAfterMs?: number
  /** Of `provision`: a signal ends its machines, too. */
  readonly endsItsOwn?: boolean
  readonly leavesAfterMs?: number
  /** The configuration has changed, for it and all that come after it. */
  readonly config?: Config
  /** The next host has nothing of this one's journal. */
  readonly losesJournal: boolean
  /** On a host of its own, at the same time as the next one. */
  readonly isElsewhere: boolean
  /** On the same host, at the same time as the next one. */
  readonly isBeside: boolean
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
  /** Machines fetch their token where it is kept, by a URL that takes so long to sign; left out, they are given it. */
  readonly signMs?: number
  readonly acts: readonly Act[]
  /** How agents register. */
  readonly agents: AgentChances
  readonly happenings: readonly Happening[]
}

export function storyOf(seed: string): Story {
  const dice = createDice(seed)
  const kind = dice.pick(['token', 'name', 'name, billed when off', 'tag look-up'])
  const cloud = kinds[kind] ?? { traits: {} }
  const isShared = dice.hits(0.15)
  const jobs = { count: dice.within([1, 14]), ms: dice.within([10 * second, 4 * minute]) }
  const binding = isShared || dice.hits(0.65) ? 'job' : 'queue'
  const hasApiToken = dice.hits(0.7)
  const max = dice.within([2, 8])
  const signed = dice.fork('signed')
  return {
    ...{ seed, kind, traits: cloud.traits, jobs, binding, hasApiToken, isShared, max },
    ...(!isShared && signed.hits(0.3) && { signMs: signed.within([0, 4 * second]) }),
    knobs: { ...cloud.knobs, ...faultsOf(dice.fork('faults'), cloud) },
    acts: actsOf(dice.fork('acts'), isShared, max),
    agents: agentsOf(dice.fork('agents')),
    happenings: happeningsOf(dice.fork('happenings')),
  }
}

function agentsOf(dice: Dice): Story['agents'] {
  return {
    replyLost: dice.hits(0.25) ? 0.15 : 0,
    again: dice.hits(0.2) ? 0.2 : 0,
  }
}
