import type { Coordinator, CoordinatorModule, StoredRecord } from '@agentctl/contract'
import { createDice, type Dice } from '../random.ts'
import { createVirtualClock, type VirtualClock } from '../virtual-time.ts'
import {
  type CoordinatorCall,
  type CoordinatorFault,
  type CoordinatorKnobs,
  calmCoordinator,
} from './knobs.ts'
import { lifeOn } from './life.ts'
import { emptyCoordinator, ownerIn } from './state.ts'
import { type AtCoordinatorBoundary, type CoordinatorNet, coordinatorWire } from './wire.ts'

export interface SimCoordinatorOptions {
  /** @default a new one */
  readonly clock?: VirtualClock
  readonly dice?: Dice
  readonly knobs?: Partial<CoordinatorKnobs>
}

/** One process on one host, which can be cut off, and dropped as SIGKILL does. */
export interface SimCoordinatorHost {
  /** Its lives have the clock that they are opened with, wrong as that may be. */
  readonly module: CoordinatorModule
  cut(): void
  mend(): void
  drop(): void
}

/** A coordinator in memory, on virtual time. */
export interface SimCoordinator {
  readonly clock: VirtualClock
  /** Another process. `atBoundary` sees each of its calls at three points; it may drop or hold the host there. */
  host(atBoundary?: AtCoordinatorBoundary): SimCoordinatorHost
  turn(change: Partial<CoordinatorKnobs>): void
  /** The next `times` (1) calls of that name meet this fault. */
  inject(fault: CoordinatorFault, call: CoordinatorCall, times?: number): void
  /** Nobody reaches it, until it is back. */
  goAway(): void
  comeBack(): void
  /** What happened, by name, and how often. */
  readonly happened: ReadonlyMap<string, number>
  records(owner: string): readonly StoredRecord[]
}

const never = new Promise<never>(() => {})

export function createSimCoordinator(options: SimCoordinatorOptions = {}): SimCoordinator {
  const { clock = createVirtualClock(), dice = createDice('coordinator'), knobs } = options
  const state = emptyCoordinator()
  const happened = new Map<string, number>()
  const net: CoordinatorNet = {
    ...{ clock, dice, happened, injections: [], isAway: false },
    knobs: { ...calmCoordinator, ...knobs },
  }
  const host: SimCoordinator['host'] = atBoundary => {
    let isDropped = false
    let isCut = false
    const pass: AtCoordinatorBoundary = async (boundary, call) => {
      if (isDropped) await never
      await atBoundary?.(boundary, call)
      if (isDropped) await never
    }
    const send = coordinatorWire(net, () => isCut, pass)
    const module: CoordinatorModule = {
      contract: 1,
      name: 'sim',
      open: async (deps): Promise<Coordinator> => send('open', () => lifeOn({ net, state }, deps, send)),
    }
    return {
      module,
      cut() {
        isCut = true
      },
      mend() {
        isCut = false
      },
      drop() {
        isDropped = true
      },
    }
  }
  return {
    clock,
    host,
    happened,
    turn(change) {
      net.knobs = { ...net.knobs, ...change }
    },
    inject(fault, call, times = 1) {
      net.injections.push({ fault, call, times })
    },
    goAway() {
      net.isAway = true
    },
    comeBack() {
      net.isAway = false
    },
    records: owner => [...ownerIn(state, owner).records.values()],
  }
}
