import type { Clock, Log, ProviderDeps, Scope } from '@agentctl/contract'
import type { Connection } from './connection.ts'
import type { Engine } from './engine.ts'

/** Everything the verbs need, made once by `open`. */
export interface Context {
  readonly owner: string
  readonly connection: Connection
  readonly scope: Scope
  readonly clock: Clock
  readonly log: Log
  readonly env: ProviderDeps['env']
  readonly engine: Engine
  /** Aborted by `close`: lets go of requests that outlive their call. */
  readonly closing: AbortController
  /** Stops that the engine is busy with, by container id, so that none is asked for twice. */
  readonly stops: Map<string, Promise<boolean>>
}
