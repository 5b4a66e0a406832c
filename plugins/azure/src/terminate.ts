import { contractError, type Resource, type ResourceRef } from '@agentctl/contract'
import type { Arm } from './arm.ts'
import type { Context } from './context.ts'
import { hasCode, isNotFound } from './errors.ts'
import { findMachine } from './machines.ts'
import { isResourceName, type PartKind, partKinds, placeOf, readName } from './names.ts'
import { deletePart, lookAtPart } from './parts.ts'
import { ownershipOf } from './tags.ts'

type Answer = 'accepted' | 'gone'

/**
 * Asks for the end of a machine with all of its parts, or of one part, and answers `gone` once it is proved absent.
 * @throws `not-owned`, or Azure's own errors
 */
export async function terminate(
  context: Context,
  arm: Arm,
  ref: ResourceRef,
  signal: AbortSignal,
): Promise<Answer> {
  if (!isResourceName(ref.id)) return 'gone'
  if (ref.kind === 'instance') return endMachine(context, arm, ref, signal)
  const kind = partKinds.find(one => one === ref.kind)
  return kind ? endPart(context, arm, { kind, ref }, signal) : 'gone'
}

async function endMachine(
  context: Context,
  arm: Arm,
  ref: ResourceRef,
  signal: AbortSignal,
): Promise<Answer> {
  const { group } = placeOf(ref.scope)
  const found = await findMachine(arm, group, ref.id, signal)
  if (!found) return endLeftovers(context, arm, ref, signal)
  if (!ownershipOf(found.tags ?? {}, context.owner, found.timeCreated?.getTime())) throw notOwned(ref)
  context.deletes.set(ref.id, context.clock.now())
  if (found.provisioningState === 'Deleting') return 'accepted'
  context.pace.assertRoom('terminate')
  await arm.compute.virtualMachines
    .delete(group, ref.id, { forceDeletion: true, abortSignal: signal })
    .submitted()
    .catch(error => {
      if (!isNotFound(error)) throw error
    })
  return 'accepted'
}

/** What goes with a machine of itself has gone by then; the rest is ended by hand, an address after its interface. */
async function endLeftovers(
  context: Context,
  arm: Arm,
  ref: ResourceRef,
  signal: AbortSignal,
): Promise<Answer> {
  const read = readName(ref.id)
  if (read?.owner !== context.owner) return 'gone'
  const all = await context.leftovers.in(arm, ref.scope)
  const left = all.filter(({ ownership }) => ownership.launchId === read.launchId)
  const hasInterface = left.some(({ kind }) => kind === 'interface')
  const next = left.filter(({ kind }) => kind !== 'address' || !hasInterface)
  await Promise.all(next.map(one => askToEnd(arm, one, signal)))
  if (left.length > 0) return 'accepted'
  context.deletes.delete(ref.id)
  context.spotSeen.delete(ref.id)
  return 'gone'
}

async function endPart(
  { owner }: Context,
  arm: Arm,
  { kind, ref }: { kind: PartKind; ref: ResourceRef },
  signal: AbortSignal,
): Promise<Answer> {
  const { group } = placeOf(ref.scope)
  const seen = await lookAtPart(arm, { kind, group, name: ref.id, owner }, signal)
  if (seen === 'gone') return 'gone'
  if (seen === 'foreign') throw notOwned(ref)
  await askToEnd(arm, { kind, id: ref.id, scope: ref.scope }, signal)
  return 'accepted'
}

/** An interface that is reserved for a machine that never came is let go by Azure itself, 180 s after: then it goes. */
async function askToEnd(
  arm: Arm,
  { kind, id, scope }: Pick<Resource, 'kind' | 'id' | 'scope'>,
  signal: AbortSignal,
) {
  const part = partKinds.find(one => one === kind)
  if (!part) return
  await deletePart(arm, { kind: part, group: placeOf(scope).group, name: id }, signal).catch(error => {
    if (!isNotFound(error) && !hasCode(error, 'NicReservedForAnotherVm')) throw error
  })
}

function notOwned({ kind, id }: ResourceRef) {
  return contractError('not-owned', `${kind} ${id} has no tag of this owner`)
}
