import type { Clock, Provider, ProviderModule } from '@agentctl/contract'
import { type CloudOptions, createCloud, type SimCloud } from './cloud.ts'
import { createProvider } from './provider.ts'
import { createVirtualClock, type VirtualClock } from './virtual-time.ts'
import type { AtBoundary } from './world.ts'

export interface SimOptions extends Omit<CloudOptions, 'clock' | 'transact' | 'wakeAt'> {
  /** @default a new one */
  readonly clock?: VirtualClock
}

/** One process on one host, which can be dropped as SIGKILL does: nothing in it ever goes on, the cloud does. */
export interface SimHost {
  readonly clock: Clock
  readonly module: ProviderModule
  open(owner: string): Provider
  drop(): void
}

/** A simulated cloud in this process, on virtual time. */
export interface Sim {
  readonly clock: VirtualClock
  readonly cloud: SimCloud
  /** Opens providers on this cloud. */
  readonly module: ProviderModule
  open(owner: string): Provider
  /**
   * Another process. `atBoundary` sees each of its calls at three points; it may drop the host there. Its clock is ahead
   * of the true time by `aheadMs`.
   */
  host(atBoundary?: AtBoundary, aheadMs?: () => number): SimHost
}

const never = new Promise<never>(() => {})

export function createSim({ clock = createVirtualClock(), ...options }: SimOptions = {}): Sim {
  const cloud: SimCloud = createCloud({
    ...options,
    clock,
    wakeAt: atMs => void clock.schedule(atMs, () => cloud.wake()),
  })
  /** Deadlines are by the clock that a provider is opened with; what is under way goes on without it. */
  const opener = (on: Clock, atBoundary?: AtBoundary) => {
    const providerOn = (owner: string, host: Clock) => {
      const api = cloud.connect(atBoundary, { now: host.now, sleep: clock.sleep })
      return createProvider({ api, traits: cloud.traits, owner, clock: host }) as Provider
    }
    const module: ProviderModule = {
      contract: 1,
      name: 'sim',
      open: async deps => providerOn(deps.owner, deps.clock),
    }
    return { open: (owner: string) => providerOn(owner, on), module }
  }
  const host: Sim['host'] = (atBoundary, aheadMs = () => 0) => {
    const { clock: own, drop } = clock.process()
    const view = { now: () => clock.now() + aheadMs(), sleep: own.sleep }
    let isDropped = false
    const pass: AtBoundary = async (boundary, operation) => {
      if (isDropped) await never
      await atBoundary?.(boundary, operation)
      if (isDropped) await never
    }
    return {
      clock: view,
      ...opener(view, pass),
      drop() {
        isDropped = true
        drop()
      },
    }
  }
  return { clock, cloud, ...opener(clock), host }
}
