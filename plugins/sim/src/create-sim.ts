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
  /** Another process. `atBoundary` sees each of its calls at three points; it may drop the host there. */
  host(atBoundary?: AtBoundary): SimHost
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
  const host: Sim['host'] = atBoundary => {
    const { clock: view, drop } = clock.process()
    let isDropped = false
    const api = cloud.connect(async (boundary, operation) => {
      if (isDropped) await never
      await atBoundary?.(boundary, operation)
      if (isDropped) await never
    })
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
