import type { Clock, Offering, ResourceRef } from '@agentctl/contract'
import { makeForeign } from './accept.ts'
import { type CloudApi, createApi } from './api.ts'
import { createBuckets } from './buckets.ts'
import type { GuestScript } from './guests.ts'
import { calm, type FaultKind, type Knobs, type Operation } from './knobs.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { guestHooks, powerOff } from './machines.ts'
import { createDice, type Dice } from './random.ts'
import { current, emptyState, everyCurrent, put, type SimResource, type SimState } from './state.ts'
import { catchUp, ownerOf } from './timeline.ts'
import { plainTraits, type Traits } from './traits.ts'
import { type AtBoundary, cloudNow, type Hooks, type World } from './world.ts'

export interface CloudOptions {
  readonly clock: Clock
  /** Everything by chance follows from it. @default 'sim' */
  readonly seed?: string
  readonly traits?: Partial<Traits>
  readonly knobs?: Partial<Knobs>
  /** What the guests do. Left out, they do nothing, or what the spec's `jobMs` says. */
  readonly guest?: GuestScript
  readonly hooks?: Hooks
  /** See {@link World}; both are left out for a cloud in memory that wakes itself on its clock. */
  readonly wakeAt?: NonNullable<World['wakeAt']>
  readonly transact?: World['transact']
}

/** A cloud in memory: its API for providers, and everything a test may see and turn behind their backs. */
export interface SimCloud {
  /** The API as one process reaches it, which may be stopped at every boundary, and whose clock may be another. */
  connect(atBoundary?: AtBoundary, host?: Clock): CloudApi
  /** Lets everything happen that is due. */
  wake(): void
  readonly traits: Traits
  readonly dice: Dice
  readonly ledger: Ledger
  /** By the cloud's clock. */
  now(): number
  knobs(): Knobs
  /** Changes knobs from now on. */
  turn(change: Partial<Knobs>): void
  /** The next `times` (1) calls of that operation meet this fault. `count`: instances that a `short` launch gets. */
  inject(fault: FaultKind, on: Operation | 'any', options?: { times?: number; count?: number }): void
  /** Everything there is, of every owner and of none, as it stands. */
  resources(): readonly SimResource[]
  /** What is left of an owner, `kind id` each; what has ended does not count. */
  left(owner: string): readonly string[]
  createForeign(offering: Offering): SimResource
  userDataOf(ref: ResourceRef): Uint8Array
  powerOff(ref: ResourceRef): void
  /** Puts a status there that may be none of the cloud's own. */
  setStatus(ref: ResourceRef, status: string): void
  state(): SimState
}

export function createCloud(options: CloudOptions): SimCloud {
  const world = createWorld(options)
  const seen = () => {
    catchUp(world)
    return everyCurrent(world.state)
  }
  return {
    connect: (atBoundary, host) => createApi(world, atBoundary, host),
    wake: () => catchUp(world),
    traits: world.traits,
    dice: world.dice,
    ledger: world.ledger,
    now: () => cloudNow(world),
    knobs: () => world.knobs,
    turn(change) {
      world.knobs = { ...world.knobs, ...change }
    },
    inject(fault, operation, { times = 1, count } = {}) {
      world.injections.push({ fault, operation, times, ...(count !== undefined && { count }) })
    },
    resources: seen,
    left: owner =>
      seen()
        .filter(resource => ownerOf(resource) === owner && resource.status !== 'ended')
        .map(({ kind, id }) => `${kind} ${id}`),
    createForeign: offering => makeForeign(world, offering),
    userDataOf({ id }) {
      const found = current(world.state, id)
      return world.userData.get(found?.launchKey ?? '') ?? new Uint8Array()
    },
    powerOff: ({ id }) => powerOff(world, id),
    setStatus({ id }, status) {
      const found = current(world.state, id)
      if (found !== undefined) put(world.state, cloudNow(world), { ...found, status })
    },
    state: () => world.state,
  }
}

function createWorld({ clock, seed = 'sim', traits, knobs, guest, hooks, ...rest }: CloudOptions): World {
  const guests = guest && guestHooks(() => world, guest)
  const world: World = {
    clock,
    traits: { ...plainTraits, ...traits },
    dice: createDice(seed),
    ledger: createLedger(),
    hooks: { ...guests, ...hooks },
    injections: [],
    buckets: createBuckets(clock),
    prunedAt: clock.now(),
    knobs: { ...calm, ...knobs },
    state: emptyState(),
    userData: new Map(),
    transact: async change => change(),
    ...rest,
  }
  return world
}
