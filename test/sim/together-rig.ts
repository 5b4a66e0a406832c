import { createSimCoordinator, type SimCoordinator, type SimCoordinatorHost } from '@agentctl/provider-sim'
import type { CapacityTick } from '../../src/operations/capacity.ts'
import type { HostFacts } from '../../src/operations/host-facts.ts'
import { serveTogether } from '../../src/operations/together/serve-together.ts'
import type { Process, Rig } from './rig.ts'

/** One host of an installation, as `capacity serve` is one. */
export interface HostLife {
  readonly process: Process
  readonly seat: SimCoordinatorHost
  readonly ticks: CapacityTick[]
  readonly facts: HostFacts[]
  /** Loads the same configuration anew, as SIGHUP does. */
  reload(): void
  /** Ends as SIGTERM does. */
  stop(): void
  /** Settled once it has ended. */
  readonly ended: Promise<void>
}

/** A coordinator on the clock of a rig. */
export function coordinatorOf(rig: Rig): SimCoordinator {
  return createSimCoordinator({ clock: rig.sim.clock, dice: rig.sim.cloud.dice.fork('coordinator') })
}

export function startHost(
  rig: Rig,
  coordinator: SimCoordinator,
  name: string,
  process = rig.process(),
): HostLife {
  const seat = coordinator.host()
  const stopping = new AbortController()
  let isReloading = false
  const ticks: CapacityTick[] = []
  const facts: HostFacts[] = []
  const context = rig.context(process)
  const serve = async () => {
    const { clock, random } = context.effects
    await using life = await seat.module.open({
      ...{ owner: context.settings.owner, address: 'sim://here', host: name, version: '1.0.0' },
      ...{ clock, random, log: context.log },
    })
    await serveTogether(context, life, {
      wake: stopping.signal,
      async renewed() {
        const isDue = isReloading
        isReloading = false
        return isDue ? context : undefined
      },
      onTick: async tick => void ticks.push(tick),
      onTrouble: error => context.log.warn('Trouble', { why: error.message }),
      onReload: async () => undefined,
      onHost: async one => void facts.push(one),
    })
  }
  return {
    ...{ process, seat, ticks, facts, ended: serve() },
    reload() {
      isReloading = true
    },
    stop: () => stopping.abort(),
  }
}
