import {
  decodeJobId,
  decodeOwnership,
  encodeJobId,
  type Ownership,
  type Tags,
  tagNames,
  type Unit,
} from '@agentctl/contract'
import type { Tag } from '@aws-sdk/client-ec2'

/** Source: EC2 user guide, "Tag restrictions", 2026-11. */
const valueCharsMax = 255
const tagsMax = 50
/** Of the user's own, so that ours have room. */
export const userTagsMax = 25
/** Rows of the contract besides the units, and the duration of an expiry. */
const ownRows = 9
const unitTagsMax = tagsMax - userTagsMax - ownRows

/** Seconds from the cloud's own time of creation: the same request from whatever host. */
export const expiresAfterTag = 'agentctl-expires-after'
const unitsTag = (part: number) => (part === 0 ? tagNames.units : `${tagNames.units}-${part}`)

/**
 * Units in short: `PREFIX.ATTEMPT`, then for each unit its job, or nothing; joined by `:`. A unit whose name is not the
 * prefix with its index, or whose attempt is another, is written out: `index.attempt.name.job`.
 */
export function encodeUnits(units: readonly Unit[]): string {
  const [first] = units
  if (!first) return ''
  const prefix = prefixOf(first)
  const rows = units.map((unit, at) => {
    const job = unit.jobId === undefined ? '' : encodeJobId(unit.jobId)
    const isPlain =
      unit.index === at && unit.attempt === first.attempt && unit.name === `${prefix}${unit.index}`
    return isPlain ? job : [unit.index, unit.attempt, unit.name, job].join('.')
  })
  return [`${prefix}.${first.attempt}`, ...rows].join(':')
}

export function decodeUnits(text: string): readonly Unit[] {
  const [head = '', ...rows] = text.split(':')
  const [prefix = '', attempt = ''] = head.split('.')
  return rows.map((row, at) => {
    const [index, ownAttempt, name, job = ''] = row.includes('.')
      ? row.split('.')
      : [at, attempt, `${prefix}${at}`, row]
    const jobId = job === '' ? undefined : decodeJobId(job)
    return {
      index: Number(index),
      attempt: Number(ownAttempt),
      name: name ?? '',
      ...(jobId !== undefined && { jobId }),
    }
  })
}

function prefixOf({ name, index }: Unit): string {
  return name.endsWith(String(index)) ? name.slice(0, -String(index).length) : name
}

/** The tags of a launch, or undefined where its units need more than there is room for. Pure. */
export function ownTags(
  ownership: Omit<Ownership, 'expiresAt'>,
  expiry: { readonly at: number } | { readonly afterMs: number },
): Tags | undefined {
  const units = encodeUnits(ownership.units)
  const parts = Array.from({ length: Math.ceil(units.length / valueCharsMax) }, (_, at) =>
    units.slice(at * valueCharsMax, (at + 1) * valueCharsMax),
  )
  if (parts.length > unitTagsMax) return undefined
  const { owner, pool, agentType, launchId, digest, version } = ownership
  return {
    [tagNames.owner]: owner,
    [tagNames.pool]: pool,
    [tagNames.agentType]: agentType,
    [tagNames.launchId]: launchId,
    [tagNames.digest]: digest,
    [tagNames.version]: String(version),
    ...('at' in expiry
      ? { [tagNames.expiresAt]: String(Math.floor(expiry.at / 1000)) }
      : { [expiresAfterTag]: String(Math.floor(expiry.afterMs / 1000)) }),
    ...Object.fromEntries(parts.map((part, at) => [unitsTag(at), part])),
  }
}

export function asTags(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

/** Undefined where `owner` did not write them. `createdAt`: what a duration counts from. Unit: milliseconds. */
export function ownershipIn(
  tags: readonly Tag[] = [],
  owner: string,
  createdAt: number,
): Ownership | undefined {
  const rows: Tags = Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
  const ownership = decodeOwnership({ ...rows, [tagNames.units]: '' }, owner)
  if (!ownership) return undefined
  const parts = Array.from({ length: tagsMax }, (_, at) => rows[unitsTag(at)] ?? '')
  const after = rows[expiresAfterTag]
  const isMarked = rows[tagNames.expiresAt] !== undefined
  return {
    ...ownership,
    units: decodeUnits(parts.join('')),
    // A mark goes over the duration that the launch was made with.
    ...(!isMarked && after !== undefined && { expiresAt: createdAt + Number(after) * 1000 }),
  }
}
