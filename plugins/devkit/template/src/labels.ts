import {
  contractVersion,
  decodeOwnership,
  encodeOwnership,
  type Instance,
  type LaunchRequest,
  type Log,
  type ResourceState,
  type Tags,
  tagNames,
} from '@agentctl/contract'
import type { Machine } from './cloud.ts'
import { scopeOf } from './spec.ts'

/** An expiry that counts from the cloud's own creation time, so that a repeat is the same request (rule L1). */
const expiresAfter = 'agentctl-expires-after-ms'

const states: Readonly<Record<string, ResourceState>> = {
  UP: 'running',
  HALTED: 'stopped',
  BROKEN: 'failed',
}

/** What `create` writes: all of the ownership, in the creating call (rule L3). */
export function labelsOf(owner: string, { expiry, ...request }: LaunchRequest): Tags {
  const { pool, agentType, launchId, digest, units } = request
  const expiresAt = 'at' in expiry ? expiry.at : 0
  const ownership = { owner, pool, agentType, launchId, digest, units, expiresAt, version: contractVersion }
  return {
    ...encodeOwnership(ownership),
    ...('afterMs' in expiry && { [expiresAfter]: String(expiry.afterMs) }),
  }
}

/** The labels of a marked machine; `holdUntil: 0` takes the hold off. */
export function markedLabels(labels: Tags, change: { expiresAt?: number; holdUntil?: number }): Tags {
  const { [expiresAfter]: after, [tagNames.holdUntil]: held, ...rest } = labels
  const seconds = (ms: number) => String(Math.floor(ms / 1000))
  const { expiresAt, holdUntil } = change
  const hold = holdUntil === undefined ? held : holdUntil > 0 ? seconds(holdUntil) : undefined
  return {
    ...rest,
    ...(hold !== undefined && { [tagNames.holdUntil]: hold }),
    ...(expiresAt === undefined
      ? after !== undefined && { [expiresAfter]: after }
      : { [tagNames.expiresAt]: seconds(expiresAt) }),
  }
}

/** Nothing for a machine that is not this owner's. A status that is not in the table is `unknown` (rule S3). */
export function toInstance(machine: Machine, owner: string, log: Log): Instance | undefined {
  const { name, region, size, status, labels, createdAt } = machine
  const written = decodeOwnership(labels, owner)
  if (!written) return undefined
  const state = states[status] ?? 'unknown'
  if (state === 'unknown') log.warn('a status that this plugin does not know', { machine: name, status })
  const after = labels[expiresAfter]
  const ownership = after === undefined ? written : { ...written, expiresAt: createdAt + Number(after) }
  const unitIndex = ownership.units[0]?.index ?? 0
  return {
    kind: 'instance',
    id: name,
    scope: scopeOf({ region }),
    state,
    ownership,
    unitIndex,
    createdAt,
    offeringId: size,
  }
}
