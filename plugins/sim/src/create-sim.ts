import type { Provider, ProviderModule } from '@agentctl/contract'
import { type CloudOptions, createCloud, type SimCloud } from './cloud.ts'
import { createProvider } from './provider.ts'
import { createVirtualClock, type VirtualClock } from './virtual-time.ts'

export interface SimOptions extends Omit<CloudOptions, 'clock' | 'transact' | 'wakeAt'> {
  /** @default a new one */
  readonly clock?: VirtualClock
}

/** A simulated cloud in this process, on virtual time. */
export interface Sim {
  readonly clock: VirtualClock
  readonly cloud: SimCloud
  /** Opens providers on this cloud. */
  readonly module: ProviderModule
  open(owner: string): Provider
}

export function createSim({ clock = createVirtualClock(), ...options }: SimOptions = {}): Sim {
  const cloud: SimCloud = createCloud({
    ...options,
    clock,
    wakeAt: atMs => void clock.schedule(atMs, () => void cloud.resources()),
  })
  const open = (owner: string): Provider => {
    const { api, traits } = cloud
    return createProvider({ api, traits, owner, clock }) as Provider
  }
  const module: ProviderModule = { contract: 1, name: 'sim', open: async ({ owner }) => open(owner) }
  return { clock, cloud, module, open }
}
