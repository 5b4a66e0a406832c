import type { Coordinator, Log } from '@agentctl/contract'
import type { CoordinatorTarget } from '@agentctl/contract/testing'
import {
  type CoordinatorKnobs,
  createDice,
  createSimCoordinator,
  type SimCoordinatorHost,
} from '@agentctl/provider-sim'

const log: Log = { debug() {}, info() {}, warn() {} }

/** The simulated coordinator as a target of the conformance kit, on virtual time. */
export function simCoordinatorTarget(name: string, knobs: Partial<CoordinatorKnobs> = {}): CoordinatorTarget {
  const dice = createDice(name)
  const coordinator = createSimCoordinator({ dice, knobs })
  const hosts = new Map<Coordinator, SimCoordinatorHost>()
  return {
    name,
    clock: coordinator.clock,
    drive: task => coordinator.clock.drive(task),
    async open(owner, host, clock) {
      const process = coordinator.host()
      const deps = { owner, host, address: 'sim:', version: '1.0.0', clock, random: dice, log }
      const life = await process.module.open(deps)
      hosts.set(life, process)
      return life
    },
    network: {
      cut: life => hosts.get(life)?.cut(),
      mend: life => hosts.get(life)?.mend(),
    },
  }
}
