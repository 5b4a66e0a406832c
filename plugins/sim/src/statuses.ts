import type { Log, Resource, ResourceState } from '@agentctl/contract'
import type { SimResource, SimStatus } from './state.ts'
import { ownershipOf } from './tags.ts'

const states: Readonly<Record<SimStatus, ResourceState>> = {
  provisioning: 'pending',
  active: 'running',
  halting: 'stopping',
  halted: 'stopped',
  deleting: 'stopping',
  ended: 'terminated',
  broken: 'failed',
}

/** Rule S3: a status that is not in the table is `unknown`, and is logged as it stands. */
export function stateOf(status: string, log: Log): ResourceState {
  const state = Object.hasOwn(states, status) ? states[status as SimStatus] : undefined
  if (state === undefined) log.warn('a status of the simulated cloud is not known', { status })
  return state ?? 'unknown'
}

/** The contract's view of a resource, or undefined where `owner` did not make it. */
export function toResource(found: SimResource, owner: string, log: Log): Resource | undefined {
  const ownership = ownershipOf(found, owner)
  if (ownership === undefined) return undefined
  const { kind, id, scope, status, createdAt, instanceId, unitIndex, offeringId, fault, isReclaimed } = found
  const shared = { kind, id, scope, state: stateOf(status, log), ownership, createdAt }
  if (kind !== 'instance') return { ...shared, ...(instanceId !== undefined && { instanceId }) }
  const instance = {
    ...shared,
    unitIndex,
    offeringId,
    ...(fault !== undefined && { fault }),
    ...(isReclaimed && { isReclaimed }),
  }
  return instance
}
