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
  const opener = (api: ReturnType<SimCloud['connect']>, on: Clock) => {
    const open = (owner: string) =>
      createProvider({ api, traits: cloud.traits, owner, clock: on }) as Provider
    const module: ProviderModule = { contract: 1, name: 'sim', open: async ({ owner }) => open(owner) }
    return { open, module }
  }
  const host: Sim['host'] = (atBoundary, aheadMs = () => 0) => {
    const { clock: own, drop } = clock.process()
    const now = () => clock.now() + aheadMs()
    const view = { now, sleep: own.sleep }
    let isDropped = false
    const pass: AtBoundary = async (boundary, operation) => {
      if (isDropped) await never
      await atBoundary?.(boundary, operation)
      if (isDropped) await never
    }
    // What it has sent is under way when it is no more.
    const api = cloud.connect(pass, { now, sleep: clock.sleep })
    return {
      clock: view,
      ...opener(api, view),
      drop() {
        isDropped = true
        drop()
      },
    }
  }
  return { clock, cloud, ...opener(cloud.connect(), clock), host }
}
