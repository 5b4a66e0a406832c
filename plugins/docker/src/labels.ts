import {
  contractVersion,
  decodeOwnership,
  encodeOwnership,
  type LaunchRequest,
  type Ownership,
  type Tags,
  tagNames,
} from '@agentctl/contract'

/** Labels of our own, beside the contract's tags. */
export const labelNames = {
  unitIndex: 'agentctl-unit-index',
  offering: 'agentctl-offering',
  /** Instead of `agentctl-expires-at`, which is not known before the engine has made the container. Unit: ms. */
  expiresAfter: 'agentctl-expires-after',
  guest: 'agentctl-guest',
} as const

/** All that is written on a container, in the call that makes it. Pure. */
export function labelsFor(owner: string, request: LaunchRequest, unitIndex: number): Tags {
  const { pool, agentType, launchId, digest, units, offering, resolved, expiry } = request
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
    ...('at' in expiry
      ? { [tagNames.expiresAt]: expiresAt }
      : { [labelNames.expiresAfter]: String(expiry.afterMs) }),
    [labelNames.unitIndex]: String(unitIndex),
    [labelNames.offering]: offering.id,
    [labelNames.guest]: resolved.guest,
  }
}

/**
 * What {@link labelsFor} wrote, or undefined where `owner` did not. `createdAt` is in milliseconds, of whole seconds,
 * as the engine lists it. Pure.
 */
export function ownershipOf(labels: Tags, owner: string, createdAt: number): Ownership | undefined {
  const written = decodeOwnership(labels, owner)
  const after = labels[labelNames.expiresAfter]
  if (!written || after === undefined) return written
  return { ...written, expiresAt: createdAt + Number(after) }
}

export function unitIndexOf(labels: Tags): number {
  return Number(labels[labelNames.unitIndex] ?? 0)
}

const launchIdPattern = /^[a-z][a-z2-7]{25}$/

export function isLaunchId(text: string): boolean {
  return launchIdPattern.test(text)
}

/** The container's name, which is the instance's id. */
export function containerName(launchId: string, unitIndex: number): string {
  return `${launchId}-${unitIndex}`
}

/** Whether the engine could know a container by this name; keeps paths out of requests. */
export function isContainerName(id: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(id)
}
