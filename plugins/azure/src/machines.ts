import { type Instance, type Scope, scopeKey } from '@agentctl/contract'
import type { VirtualMachine } from '@azure/arm-compute'
import type { Arm } from './arm.ts'
import type { Context } from './context.ts'
import { errorOfOperation, isNotFound } from './errors.ts'
import { placeOf } from './names.ts'
import { instanceOf, type Status, statusOf } from './observe.ts'

/** How long an offering is not tried after a machine of it has failed for lack of hosts. Unit: milliseconds. */
const stockOutMs = 180_000

/**
 * Every machine of this owner in the scope, in two lists: no list of Azure's gives tags and power states together for
 * machines of no scale set. The second one is only asked for when there is something to know.
 * Source: https://github.com/Azure/azure-rest-api-specs/issues/42411, read 2026-11-26. Rules S1 and S2.
 */
export async function observeMachines(
  context: Context,
  arm: Arm,
  scope: Scope,
  abortSignal: AbortSignal,
): Promise<readonly Instance[]> {
  const { group } = placeOf(scope)
  const found = await machinesIn(arm, group, abortSignal)
  const whose = { owner: context.owner, scope, log: context.log }
  // Without a look at its tags there is no telling whose it is.
  const mine = found.filter(machine => instanceOf({ ...whose, log: silent }, machine) !== undefined)
  if (mine.length === 0) return []
  const statuses = await statusesIn(arm, abortSignal)
  const none: Status = { power: undefined, fault: undefined }
  const instances = mine.flatMap(
    machine => instanceOf(whose, machine, statuses.get(keyOf(machine)) ?? none) ?? [],
  )
  for (const one of instances) rememberStockOut(context, one)
  return instances
}

const silent = { debug() {}, info() {}, warn() {} }

async function machinesIn(
  arm: Arm,
  group: string,
  abortSignal: AbortSignal,
): Promise<readonly VirtualMachine[]> {
  try {
    return await Array.fromAsync(arm.compute.virtualMachines.list(group, { abortSignal }))
  } catch (error) {
    // Nothing is in a group that is not there.
    if (isNotFound(error)) return []
    throw error
  }
}

/** Of all machines of the subscription, by id. */
async function statusesIn(arm: Arm, abortSignal: AbortSignal): Promise<ReadonlyMap<string, Status>> {
  const all = arm.compute.virtualMachines.listAll({ statusOnly: 'true', abortSignal })
  const statuses = new Map<string, Status>()
  for await (const machine of all) statuses.set(keyOf(machine), statusOf(machine))
  return statuses
}

function keyOf({ id = '' }: VirtualMachine): string {
  return id.toLowerCase()
}

/** The engine learns of stock from launches alone: what a list shows of it is said by the next launch. */
export function rememberStockOut(
  { stockOuts, clock }: Context,
  { state, fault = '', offeringId, scope }: Instance,
): void {
  if (state !== 'failed' || offeringId === undefined) return
  const [code, ...words] = fault.split(': ')
  const { code: reaction } = errorOfOperation({ code, message: words.join(': ') }, 'launch')
  const key = stockKey(scope, offeringId)
  if (reaction !== 'capacity-unavailable' || stockOuts.has(key)) return
  stockOuts.set(key, clock.now() + stockOutMs)
}

export function stockKey(scope: Scope, offeringId: string): string {
  return `${scopeKey(scope)}/${offeringId}`
}

/** One machine with its power state; undefined when there is none. */
export async function findMachine(
  arm: Arm,
  group: string,
  name: string,
  abortSignal: AbortSignal,
): Promise<VirtualMachine | undefined> {
  try {
    return await arm.compute.virtualMachines.get(group, name, { expand: 'instanceView', abortSignal })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
