import {
  contractVersion,
  decodeOwnership,
  encodeOwnership,
  type LaunchRequest,
  type Ownership,
  type Tags,
  tagNames,
} from '@agentctl/contract'
import { readName } from './names.ts'

/** Beside the contract's tags: in place of an expiry that counts from the creation. Unit: milliseconds. */
export const expiresAfterTag = 'agentctl-expires-after'

/** Source: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources, read 2026-11-26. */
export const userTagsMax = 50 - Object.keys(tagNames).length - 1

/** All that is written on a machine and its parts, in the call that makes them. Pure. */
export function tagsFor(
  owner: string,
  { launchId, digest, pool, agentType, units, expiry }: LaunchRequest,
): Record<string, string> {
  const { [tagNames.expiresAt]: expiresAt = '', ...tags } = encodeOwnership({
    owner,
    pool,
    agentType,
    launchId,
    digest,
    units,
    expiresAt: 'at' in expiry ? expiry.at : 0,
    version: contractVersion,
  })
  return {
    ...tags,
    ...('at' in expiry ? { [tagNames.expiresAt]: expiresAt } : { [expiresAfterTag]: String(expiry.afterMs) }),
  }
}

/** What {@link tagsFor} wrote and `mark` changed, or undefined where `owner` did not. Pure. */
export function ownershipOf(tags: Tags, owner: string, createdAt: number | undefined): Ownership | undefined {
  const written = decodeOwnership(tags, owner)
  if (!written) return undefined
  const { holdUntil, ...rest } = written
  const after = tags[expiresAfterTag]
  const expiresAt =
    tags[tagNames.expiresAt] === undefined && after !== undefined
      ? (createdAt ?? 0) + Number(after)
      : written.expiresAt
  // A hold that was taken off is written as 0: a tag that is left out of a change may stay.
  return { ...rest, expiresAt, ...(holdUntil !== undefined && holdUntil > 0 && { holdUntil }) }
}

/** The end of time as a date can hold it: of what has no expiry of its own, its machine's absence decides. */
export const neverMs = 253_402_300_799_000

/** Of something that has our name and no tags: the name says whose it is and of which launch, and nothing else. */
export function ownershipByName(name: string, owner: string): Ownership | undefined {
  const read = readName(name)
  if (read?.owner !== owner) return undefined
  const { launchId } = read
  const unknown = { pool: '', agentType: '', digest: '', units: [] }
  return { owner, launchId, ...unknown, expiresAt: neverMs, version: contractVersion }
}
