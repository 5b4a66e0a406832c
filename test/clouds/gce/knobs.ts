import type { OperationError } from './types.ts'

/** What can be set at any time. All units are milliseconds. */
export interface Knobs {
  /** From the accepted insert until the operation is done. */
  insertMs: number
  deleteMs: number
  /** Operations on labels and metadata. */
  changeMs: number
  /** From a guest's power-off until the machine is TERMINATED. */
  stopMs: number
  /** From the notice of a preemption until the machine is taken. */
  preemptMs: number
  /** How late the platform ends a machine. */
  deadlineLagMs: number
  /** Longest time that `wait` does not answer; the real one's is two minutes. */
  waitMs: number
  /** Most items of one page, whatever was asked for. */
  pageMax: number
  /** Zones that have no machine to give; the value says in which words. */
  exhaustedZones: Map<string, OperationError>
  /** Zones that do not answer lists. */
  unreachableZones: Set<string>
  /** Machines of the project at once; more is a quota error inside the operation. */
  instancesMax: number
  /** Machines that never get from STOPPING to their end. */
  stuckStopping: Set<string>
  /** What every delete of a machine fails with, once it is under way. */
  deleteError: OperationError | undefined
  /** Permissions that the caller does not have. */
  missingPermissions: Set<string>
}

export function defaultKnobs(): Knobs {
  return {
    insertMs: 40,
    deleteMs: 40,
    changeMs: 5,
    stopMs: 20,
    preemptMs: 40,
    deadlineLagMs: 0,
    waitMs: 1_000,
    pageMax: 3,
    exhaustedZones: new Map(),
    unreachableZones: new Set(),
    instancesMax: Number.POSITIVE_INFINITY,
    stuckStopping: new Set(),
    deleteError: undefined,
    missingPermissions: new Set(),
  }
}

export const stockOut: OperationError = {
  code: 'ZONE_RESOURCE_POOL_EXHAUSTED',
  message: 'The zone does not have enough resources available to fulfill the request.',
}

export const stockOutWithDetails: OperationError = {
  code: 'ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS',
  message:
    "The zone does not have enough resources available to fulfill the request. '(resource type:compute)'.",
}

export const quotaExceeded: OperationError = {
  code: 'QUOTA_EXCEEDED',
  message: "Quota 'INSTANCES' exceeded. Limit: 1.0 in region.",
}
