import {
  decodeOwnership,
  encodeOwnership,
  type LaunchRequest,
  type Ownership,
  type Tags,
  tagNames,
} from '@agentctl/contract'
import type { SimResource } from './state.ts'

/** The simulated cloud's own row: an expiry that counts from creation, in seconds. */
const expiresAfter = 'agentctl-expires-after'

/** The tags of a launch. They depend on the request alone, so that a repeat is the same request. */
export function tagsOf(owner: string, version: number, request: LaunchRequest): Tags {
  const { pool, agentType, launchId, digest, units, expiry } = request
  const relative = 'afterMs' in expiry
  const expiresAt = relative ? 0 : expiry.at
  const tags = encodeOwnership({ owner, pool, agentType, launchId, digest, units, expiresAt, version })
  if (!relative) return tags
  const { [tagNames.expiresAt]: _, ...rest } = tags
  return { ...rest, [expiresAfter]: String(Math.floor(expiry.afterMs / 1000)) }
}

/** What the tags say, with an expiry that counts from creation made absolute. */
export function ownershipOf({ tags, createdAt }: SimResource, owner: string): Ownership | undefined {
  const ownership = decodeOwnership(tags, owner)
  const after = tags[expiresAfter]
  if (ownership === undefined || after === undefined || tags[tagNames.expiresAt] !== undefined)
    return ownership
  return { ...ownership, expiresAt: createdAt + Number(after) * 1000 }
}

/** The tags after a mark; a hold of 0 is taken off. */
export function marked(tags: Tags, change: { expiresAt?: number; holdUntil?: number }): Tags {
  const { [tagNames.holdUntil]: held, ...rest } = tags
  const hold =
    change.holdUntil === undefined ? held : change.holdUntil > 0 ? seconds(change.holdUntil) : undefined
  return {
    ...rest,
    ...(change.expiresAt !== undefined && { [tagNames.expiresAt]: seconds(change.expiresAt) }),
    ...(hold !== undefined && { [tagNames.holdUntil]: hold }),
  }
}

const seconds = (ms: number) => String(Math.floor(ms / 1000))
