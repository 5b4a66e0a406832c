import type { Clock, Log, Random, Scope } from '@agentctl/contract'
import type { OwnerPaths, UnitPaths } from './paths.ts'
import type { Accel } from './records.ts'
import type { Architecture } from './spec.ts'

/** Everything the verbs need, made once by `open`. */
export interface Context {
  readonly root: string
  readonly owner: string
  readonly paths: OwnerPaths
  readonly scope: Scope
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The guest hosts' environment, and with it QEMU's. */
  readonly environment: Readonly<Record<string, string>>
  /** What runs machines of that architecture here; `isKept` writes down what the probe guest said. */
  readonly accelFor: (arch: Architecture, isKept: boolean) => Promise<Accel>
  /** Starts the unit's guest host; resolves when its process runs. @throws the system's own errors */
  readonly start: (unit: UnitPaths, id: string) => Promise<void>
}
