import type { Instance, ListFilter, Resource, Scope } from '@agentctl/contract'
import type { Compute } from './api.ts'
import type { Context } from './context.ts'
import { auxiliaryKinds, observeAuxiliaries, observeInstances, type Whose } from './observe.ts'
import { withReclaimed } from './reclaimed.ts'

/** Everything of the owner in the scope: one list of pages for each kind that is asked for. Rules S1 and S2 */
export async function* list(
  context: Context,
  compute: Compute,
  scope: Scope,
  { kinds, launchId }: ListFilter,
): AsyncGenerator<Resource> {
  const whose: Whose = { owner: context.owner, scope, log: context.log }
  const isWanted = (kind: Resource['kind']) => kinds?.includes(kind) ?? true
  if (isWanted('instance')) yield* await instances(context, compute, whose, launchId)
  for (const kind of auxiliaryKinds) {
    if (isWanted(kind)) yield* observeAuxiliaries(compute, whose, kind, launchId)
  }
}

async function instances(
  context: Context,
  compute: Compute,
  whose: Whose,
  launchId: string | undefined,
): Promise<readonly Instance[]> {
  const found = await Array.fromAsync(observeInstances(compute, whose, launchId))
  // In a part of the list everything else would be missing.
  return launchId === undefined ? withReclaimed(context, compute, whose.scope.region, found) : found
}
