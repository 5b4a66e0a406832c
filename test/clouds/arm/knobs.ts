import type { OperationError, PartKind } from './types.ts'

export interface Knobs {
  /** Entries on one page of a list. */
  pageMax: number
  /** From an accepted PUT to a host, and to the end of its operation. Unit: milliseconds. */
  allocateMs: number
  provisionMs: number
  deleteMs: number
  /** Of an interface whose machine was not made. Unit: milliseconds. */
  reservationMs: number
  /** Sent with operations. Unit: milliseconds. */
  retryAfterMs: number
  /** Which header an operation is followed by. */
  operationHeader: 'azure-asyncoperation' | 'location'
  /** Cores of one family, and of spot machines. */
  coresMax: number
  /** `SIZE/ZONE/MARKET`, with `*` for any zone, and the code that a machine of it fails with, at once or later. */
  readonly soldOut: Map<string, { readonly code: string; readonly when: 'at-once' | 'later' }>
  /** Remaining calls, as the headers say it; undefined says nothing. */
  remaining: { reads: number; writes: number; deletes: number } | undefined
  /** Permissions of whoever asks. */
  actions: readonly string[]
}

export function defaultKnobs(): Knobs {
  return {
    pageMax: 3,
    allocateMs: 60,
    provisionMs: 120,
    deleteMs: 120,
    reservationMs: 180_000,
    retryAfterMs: 50,
    operationHeader: 'azure-asyncoperation',
    coresMax: 400,
    soldOut: new Map(),
    remaining: undefined,
    actions: ['*'],
  }
}

/**
 * What becomes of the next machine's creation. `half-way`: fails once the parts up to this one are made, and leaves
 * the machine `Failed`, or (`isMachineMade: false`) parts alone. `runs`: its operation fails, and it runs.
 */
export type CreateFault =
  | {
      readonly kind: 'half-way'
      readonly after: PartKind | 'machine'
      readonly isMachineMade: boolean
      readonly error: OperationError
    }
  | { readonly kind: 'runs'; readonly error: OperationError }
  | { readonly kind: 'stuck' }

export const outOfHosts: OperationError = {
  code: 'AllocationFailed',
  message: 'Allocation failed. We do not have sufficient capacity for the requested VM size in this region.',
}

export const noAnswer: OperationError = {
  code: 'OSProvisioningTimedOut',
  message: 'OS Provisioning did not finish in the allotted time. The VM may still finish provisioning.',
}
