import type { Clock, Log, Random, Scope } from '@agentctl/contract'
import type { OwnerPaths, UnitPaths } from './paths.ts'
import type { Isolation } from './records.ts'

/** Everything the verbs need, made once by `open`. */
export interface Context {
  readonly root: string
  readonly owner: string
  readonly paths: OwnerPaths
  readonly scope: Scope
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly isolation: Isolation
  /** The guest hosts' environment, and with it the guests'. */
  readonly environment: Readonly<Record<string, string>>
  /** Starts the unit's guest host; resolves when its process runs. @throws the system's own errors */
  readonly start: (unit: UnitPaths, id: string) => Promise<void>
}
