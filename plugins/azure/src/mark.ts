import { contractError, type ResourceRef, tagNames } from '@agentctl/contract'
import type { Arm } from './arm.ts'
import type { Context } from './context.ts'
import { hasStatus, isNotFound } from './errors.ts'
import { isResourceName, placeOf } from './names.ts'
import { ownershipOf } from './tags.ts'

/** How often somebody else may change the same tags meanwhile. */
const triesMax = 3

export interface Change {
  readonly expiresAt?: number
  readonly holdUntil?: number
}

/**
 * Writes a machine's tags anew, the changed ones among them, and only if nobody has changed them since. Its parts keep
 * theirs: they live as long as it does.
 */
export async function mark(
  { owner, pace }: Context,
  arm: Arm,
  ref: ResourceRef,
  change: Change,
  abortSignal: AbortSignal,
): Promise<void> {
  if (ref.kind !== 'instance' || !isResourceName(ref.id)) return
  const { group } = placeOf(ref.scope)
  const { virtualMachines } = arm.compute
  pace.assertRoom('mark')
  for (let tries = 1; ; tries += 1) {
    try {
      const { tags = {}, etag } = await virtualMachines.get(group, ref.id, { abortSignal })
      if (!ownershipOf(tags, owner, 0)) {
        throw contractError('not-owned', `instance ${ref.id} has no tag of this owner`)
      }
      const changed = { tags: { ...tags, ...tagsOf(change) } }
      const only = etag === undefined ? {} : { ifMatch: etag }
      await virtualMachines.update(group, ref.id, changed, { ...only, abortSignal }).submitted()
      return
    } catch (error) {
      if (isNotFound(error)) return
      if (!hasStatus(error, 412) || tries === triesMax) throw error
    }
  }
}

/** A hold that is taken off is written as 0: whether a tag that is left out goes is not said. */
function tagsOf({ expiresAt, holdUntil }: Change): Record<string, string> {
  const seconds = (ms: number) => String(Math.floor(ms / 1000))
  return {
    ...(expiresAt !== undefined && { [tagNames.expiresAt]: seconds(expiresAt) }),
    ...(holdUntil !== undefined && { [tagNames.holdUntil]: seconds(holdUntil) }),
  }
}
