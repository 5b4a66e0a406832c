import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { contractError, type ResourceRef } from '@agentctl/contract'
import type { Context } from './context.ts'
import { namesIn } from './files.ts'
import { isForeign, type Observed, observeUnit } from './observe.ts'
import { ownerPaths, parseInstanceId, unitPaths } from './paths.ts'

/** The unit that `ref` names, or undefined when there is none. @throws `not-owned` for another owner's. Rule T3 */
export async function findUnit(context: Context, ref: ResourceRef): Promise<Observed | undefined> {
  const name = ref.kind === 'instance' ? parseInstanceId(ref.id) : undefined
  if (!name) return undefined
  const own = observeUnit(context, name)
  if (own) {
    if (isForeign(own, context)) throw notOwned(ref, 'its tags do not name this owner')
    return own
  }
  for (const owner of await namesIn(context.root)) {
    if (owner === context.owner) continue
    const { launches } = ownerPaths(context.root, owner)
    if (existsSync(unitPaths(join(launches, name.launchId), name.index).folder)) {
      throw notOwned(ref, `it belongs to the owner ${owner}`)
    }
  }
  return undefined
}

function notOwned(ref: ResourceRef, why: string) {
  return contractError('not-owned', `instance ${ref.id} is not of this installation: ${why}`)
}
