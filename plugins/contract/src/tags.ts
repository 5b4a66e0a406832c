import { Buffer } from 'node:buffer'
import { contractVersion } from './provider.ts'
import type { Ownership, Unit } from './resources.ts'

/**
 * The tags that carry ownership, in the plainest encoding, which sim, local, docker and qemu use as it stands.
 * A cloud with narrower rules encodes the same rows in its own way, and says so in its README.
 */
export const tagNames = {
  owner: 'agentctl-owner',
  pool: 'agentctl-pool',
  agentType: 'agentctl-type',
  launchId: 'agentctl-launch',
  digest: 'agentctl-digest',
  units: 'agentctl-units',
  expiresAt: 'agentctl-expires-at',
  holdUntil: 'agentctl-hold-until',
  version: 'agentctl-version',
} as const

export type Tags = Readonly<Record<string, string>>

/** `owner` and pool names: they fit the tags, labels and resource names of every cloud. */
export const namePattern = /^[a-z][a-z0-9-]{0,30}$/

/** A UUID's 16 bytes as 22 characters of base64url. */
export function encodeJobId(jobId: string): string {
  return Buffer.from(jobId.replaceAll('-', ''), 'hex').toString('base64url')
}

/** The UUID of {@link encodeJobId}, or undefined when `text` is none. */
export function decodeJobId(text: string): string | undefined {
  const hex = Buffer.from(text, 'base64url').toString('hex')
  const parts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(hex)
  return parts ? parts.slice(1).join('-') : undefined
}

/** `index.attempt.name[.jobId]` for each unit, joined by spaces. Names have no dot and no space. */
export function encodeUnits(units: readonly Unit[]): string {
  return units
    .map(({ index, attempt, name, jobId }) =>
      [index, attempt, name, ...(jobId === undefined ? [] : [encodeJobId(jobId)])].join('.'),
    )
    .join(' ')
}

export function decodeUnits(text: string): readonly Unit[] {
  return text.split(' ').flatMap(row => {
    const [index, attempt, name, job] = row.split('.')
    if (index === undefined || attempt === undefined || name === undefined) return []
    const jobId = job === undefined ? undefined : decodeJobId(job)
    return [{ index: Number(index), attempt: Number(attempt), name, ...(jobId !== undefined && { jobId }) }]
  })
}

export function encodeOwnership(ownership: Ownership): Tags {
  return {
    [tagNames.owner]: ownership.owner,
    [tagNames.pool]: ownership.pool,
    [tagNames.agentType]: ownership.agentType,
    [tagNames.launchId]: ownership.launchId,
    [tagNames.digest]: ownership.digest,
    [tagNames.units]: encodeUnits(ownership.units),
    [tagNames.expiresAt]: String(Math.floor(ownership.expiresAt / 1000)),
    ...(ownership.holdUntil !== undefined && {
      [tagNames.holdUntil]: String(Math.floor(ownership.holdUntil / 1000)),
    }),
    [tagNames.version]: String(ownership.version),
  }
}

/** What the tags say, or undefined where `owner` did not write them. A row that is missing reads as empty or 0. */
export function decodeOwnership(tags: Tags, owner: string): Ownership | undefined {
  if (tags[tagNames.owner] !== owner) return undefined
  const holdUntil = tags[tagNames.holdUntil]
  return {
    owner,
    pool: tags[tagNames.pool] ?? '',
    agentType: tags[tagNames.agentType] ?? '',
    launchId: tags[tagNames.launchId] ?? '',
    digest: tags[tagNames.digest] ?? '',
    units: decodeUnits(tags[tagNames.units] ?? ''),
    expiresAt: Number(tags[tagNames.expiresAt] ?? 0) * 1000,
    ...(holdUntil !== undefined && { holdUntil: Number(holdUntil) * 1000 }),
    version: Number(tags[tagNames.version] ?? contractVersion),
  }
}
