import type { ResourceRef } from '@agentctl/contract'
import { z } from 'zod'
import { type Compute, deleteInstance, getOperation } from './api.ts'
import type { Context } from './context.ts'
import { hasReason, isNotFound } from './errors.ts'
import { findInstance, hasAuxiliary } from './find.ts'
import { type Place, placeOf } from './ids.ts'
import { errorOf } from './operations.ts'

type Answer = 'accepted' | 'gone'

/**
 * Asks for the end of what is there, and answers `gone` once it is proved absent: the disk of a machine goes with it.
 * @throws `not-owned`, what a delete that was accepted before has failed with, or Google's own errors
 */
export async function terminate(context: Context, compute: Compute, ref: ResourceRef): Promise<Answer> {
  const place = placeOf(ref)
  if (!place) return 'gone'
  if (ref.kind === 'instance') return endInstance(context, compute, ref, place)
  if (ref.kind !== 'disk' && ref.kind !== 'address') return 'gone'
  return endAuxiliary(context, compute, { ...ref, kind: ref.kind }, place)
}

async function endInstance(
  context: Context,
  compute: Compute,
  ref: ResourceRef,
  place: Place,
): Promise<Answer> {
  const { at, name } = place
  if (!(await findInstance(context, compute, place))) return gone(context, ref)
  if (await isUnderWay(context, compute, ref, { zone: at })) return 'accepted'
  return asked(context, ref, async () => (await deleteInstance(compute, at, name)).name)
}

async function endAuxiliary(
  context: Context,
  compute: Compute,
  ref: ResourceRef & { readonly kind: 'disk' | 'address' },
  place: Place,
): Promise<Answer> {
  const { at, name } = place
  const { project, client, bounds } = compute
  const isDisk = ref.kind === 'disk'
  if (!(await hasAuxiliary(context, compute, ref.kind, place))) return gone(context, ref)
  if (await isUnderWay(context, compute, ref, isDisk ? { zone: at } : { region: at })) return 'accepted'
  const request = isDisk ? { project, zone: at, disk: name } : { project, region: at, address: name }
  return asked(context, ref, async () => {
    const answer = await client.ask(
      { client: isDisk ? 'disks' : 'addresses', method: 'delete', request },
      bounds,
    )
    return z.object({ name: z.string() }).parse(answer).name
  })
}

function gone({ deletes, spotSeen }: Context, { id }: ResourceRef): Answer {
  deletes.delete(id)
  spotSeen.delete(id)
  return 'gone'
}

async function asked(context: Context, { id }: ResourceRef, send: () => Promise<string>): Promise<Answer> {
  try {
    context.deletes.set(id, await send())
    return 'accepted'
  } catch (error) {
    // It went meanwhile, or another host's delete is under way.
    if (isNotFound(error)) return 'gone'
    if (hasReason(error, 'resourceNotReady')) return 'accepted'
    throw error
  }
}

/** Whether a delete of ours is not over yet. @throws what went wrong inside it, once */
async function isUnderWay(
  { deletes, clock }: Context,
  compute: Compute,
  { id, kind }: ResourceRef,
  place: { readonly zone: string } | { readonly region: string },
): Promise<boolean> {
  const name = deletes.get(id)
  if (name === undefined) return false
  const operation = await getOperation(compute, place, name).catch(error => {
    if (isNotFound(error)) return undefined
    throw error
  })
  if (operation && operation.status !== 'DONE') return true
  deletes.delete(id)
  const error = operation && errorOf(operation, `terminate of ${kind} ${id}`, clock.now())
  if (error) throw error
  return false
}
