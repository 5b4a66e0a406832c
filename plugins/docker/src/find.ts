import { contractError, type ResourceRef, tagNames } from '@agentctl/contract'
import { type InspectedContainer, inspectContainer } from './api.ts'
import type { Context } from './context.ts'
import { isNoSuchContainer } from './errors.ts'
import { isContainerName } from './labels.ts'

/** The container, or undefined when there is none. */
export async function lookUp(
  context: Context,
  id: string,
  signal: AbortSignal,
): Promise<InspectedContainer | undefined> {
  try {
    return await inspectContainer(context.engine, id, signal)
  } catch (error) {
    if (isNoSuchContainer(error)) return undefined
    throw error
  }
}

/** The container that `ref` names, or undefined when there is none. @throws `not-owned`. Rule T3 */
export async function findOwned(
  context: Context,
  ref: ResourceRef,
  signal: AbortSignal,
): Promise<InspectedContainer | undefined> {
  if (ref.kind !== 'instance' || !isContainerName(ref.id)) return undefined
  const found = await lookUp(context, ref.id, signal)
  if (!found) return undefined
  const owner = found.Config.Labels?.[tagNames.owner]
  if (owner === context.owner) return found
  const why = owner === undefined ? 'it has no owner label' : `it belongs to the owner ${owner}`
  throw contractError('not-owned', `container ${ref.id} is not of this installation: ${why}`)
}
