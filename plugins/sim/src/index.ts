import sim from './module.ts'

export type { LaunchOrder } from './accept.ts'
export type { CloudApi } from './api.ts'
export { type CloudOptions, createCloud, type SimCloud } from './cloud.ts'
export {
  createSimCoordinator,
  type SimCoordinator,
  type SimCoordinatorHost,
  type SimCoordinatorOptions,
} from './coordinator/create-sim-coordinator.ts'
export {
  type CoordinatorCall,
  type CoordinatorFault,
  type CoordinatorKnobs,
  calmCoordinator,
} from './coordinator/knobs.ts'
export type { AtCoordinatorBoundary } from './coordinator/wire.ts'
export { createSim, type Sim, type SimHost, type SimOptions } from './create-sim.ts'
export { agentGuest, type GuestHub, type GuestScript, type Machine } from './guests.ts'
export { calm, type FaultKind, type Knobs, type Operation, operations } from './knobs.ts'
export {
  doubledJobs,
  type ForeignEntry,
  type LaunchEntry,
  type Ledger,
  type LifeEntry,
  machineMinutes,
  minutesPastExpiry,
  mostAlive,
} from './ledger.ts'
export { createDice, type Dice, type Range } from './random.ts'
export { isSimFault, type SimCode, type SimFault } from './sim-fault.ts'
export type { SimResource, SimStatus } from './state.ts'
export { plainTraits, type Traits } from './traits.ts'
export { createVirtualClock, type VirtualClock } from './virtual-time.ts'
export type { AtBoundary, Boundary, Hooks } from './world.ts'
export default sim
