import type { Instance, Log, ResourceState, Scope } from '@agentctl/contract'
import type { VirtualMachine } from '@azure/arm-compute'
import { zoneName } from './names.ts'
import { offeringId } from './resolve.ts'
import { ownershipOf } from './tags.ts'

/** By the end of a `PowerState/…` code. Source: https://learn.microsoft.com/azure/virtual-machines/states-billing, read 2026-11-26. */
export const powerStates: Readonly<Record<string, ResourceState>> = {
  starting: 'pending',
  running: 'running',
  stopping: 'stopping',
  // Allocated, and billed.
  stopped: 'stopped',
  deallocating: 'stopping',
  deallocated: 'stopped',
}

/** By `provisioningState`; `power` leaves it to the power state. */
export const provisioningStates: Readonly<Record<string, ResourceState | 'power'>> = {
  creating: 'pending',
  updating: 'power',
  migrating: 'power',
  succeeded: 'power',
  deleting: 'stopping',
  failed: 'failed',
  canceled: 'failed',
}

/** What a machine's instance view says. */
export interface Status {
  readonly power: string | undefined
  /** Why it failed, as `CODE: words`. */
  readonly fault: string | undefined
}

export interface Whose {
  readonly owner: string
  readonly scope: Scope
  readonly log: Log
}

/** Undefined where this owner's tags are not on it, or it is elsewhere. `status` is looked for in it when left out. */
export function instanceOf(
  { owner, scope, log }: Whose,
  machine: VirtualMachine,
  status: Status = statusOf(machine),
): Instance | undefined {
  const { name = '', tags = {}, location, zones, hardwareProfile, priority, timeCreated } = machine
  const createdAt = timeCreated?.getTime()
  const ownership = ownershipOf(tags, owner, createdAt)
  if (!ownership || location?.toLowerCase() !== scope.region) return undefined
  const state = stateOf(machine.provisioningState ?? '', status.power)
  if (state === undefined) {
    const { power = '' } = status
    log.warn('A machine is in a state that is not known', {
      machine: name,
      state: machine.provisioningState,
      power,
    })
  }
  const market = priority === 'Spot' ? 'spot' : 'on-demand'
  const fault = status.fault ?? (state === undefined ? status.power : undefined)
  return {
    kind: 'instance',
    id: name,
    scope,
    state: state ?? 'unknown',
    ownership,
    unitIndex: ownership.units[0]?.index ?? 0,
    offeringId: offeringId(hardwareProfile?.vmSize ?? '', zoneName(scope.region, zones?.[0]), market),
    ...(createdAt !== undefined && { createdAt }),
    ...(fault !== undefined && { fault }),
  }
}

/** Undefined for what is not in the tables. Pure. */
export function stateOf(provisioning: string, power: string | undefined): ResourceState | undefined {
  const state = provisioningStates[provisioning.toLowerCase()]
  const powered = power === undefined ? undefined : powerStates[power]
  // Its creation has failed, or is not through, and its guest runs all the same: its deadlines count.
  if ((state === 'failed' || state === 'pending') && powered === 'running') return 'running'
  return state === 'power' ? powered : state
}

export function statusOf({ instanceView }: VirtualMachine): Status {
  const statuses = instanceView?.statuses ?? []
  const power = statuses.map(({ code }) => /^PowerState\/(.+)$/.exec(code ?? '')?.[1]).find(Boolean)
  const failed = statuses.find(({ code }) => /^ProvisioningState\/failed/i.test(code ?? ''))
  const [, reason = 'Failed'] = /^ProvisioningState\/failed\/(.+)$/i.exec(failed?.code ?? '') ?? []
  return { power, fault: failed && `${reason}: ${failed.message ?? ''}`.trim() }
}

export function isSpot({ offeringId: id }: Instance): boolean {
  return id?.endsWith('/spot') ?? false
}
