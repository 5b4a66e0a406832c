import {
  contractVersion,
  type LaunchRequest,
  type Ownership,
  type Tags,
  tagNames,
  type Unit,
} from '@agentctl/contract'

/** Rows of our own. A launch is for one unit, so the contract's row of units is three that a person can search by. */
const labelNames = {
  /** `INDEX-ATTEMPT` */
  unit: 'agentctl-unit',
  agent: 'agentctl-agent',
  job: 'agentctl-job',
  /** Instead of `agentctl-expires-at`: counted from the cloud's own creation time. Unit: milliseconds. */
  expiresAfter: 'agentctl-expires-after',
} as const

/**
 * Longest value of a label.
 * Source: https://cloud.google.com/compute/docs/labeling-resources#requirements, read 2026-11-23.
 */
const valueMax = 63
const encoder = new TextEncoder()

/** Labels take `[a-z0-9_-]`: everything else, and `_` itself, as `_` and two hex digits for each byte. */
export function escaped(text: string): string {
  return text.replaceAll(/[^a-z0-9-]/gu, character =>
    [...encoder.encode(character)].map(byte => `_${byte.toString(16).padStart(2, '0')}`).join(''),
  )
}

export function unescaped(value: string): string {
  return decodeURIComponent(value.replaceAll('_', '%'))
}

/** A row, over as many labels as it takes: `name`, `name-2`, … */
function row(name: string, text: string): Tags {
  const value = escaped(text)
  const parts = Math.max(1, Math.ceil(value.length / valueMax))
  const entries = Array.from({ length: parts }, (_, at) => [
    at === 0 ? name : `${name}-${at + 1}`,
    value.slice(at * valueMax, (at + 1) * valueMax),
  ])
  return Object.fromEntries(entries)
}

function read(labels: Tags, name: string): string | undefined {
  const [first] = [labels[name]]
  if (first === undefined) return undefined
  let value = first
  for (let at = 2; labels[`${name}-${at}`] !== undefined; at += 1) value += labels[`${name}-${at}`]
  return unescaped(value)
}

/** All that is written on a machine and its disk, in the call that makes them. Pure. */
export function labelsFor(owner: string, request: LaunchRequest): Tags {
  const { pool, agentType, launchId, digest, units, expiry } = request
  const [unit] = units
  return {
    ...row(tagNames.owner, owner),
    ...row(tagNames.pool, pool),
    ...row(tagNames.agentType, agentType),
    ...row(tagNames.launchId, launchId),
    ...row(tagNames.digest, digest),
    ...(unit && unitRows(unit)),
    ...('at' in expiry
      ? { [tagNames.expiresAt]: seconds(expiry.at) }
      : { [labelNames.expiresAfter]: String(expiry.afterMs) }),
    [tagNames.version]: String(contractVersion),
  }
}

function unitRows({ index, attempt, name, jobId }: Unit): Tags {
  return {
    [labelNames.unit]: `${index}-${attempt}`,
    ...row(labelNames.agent, name),
    ...(jobId !== undefined && row(labelNames.job, jobId)),
  }
}

/**
 * What {@link labelsFor} wrote, or undefined where `owner` did not. `createdAt` is by the cloud's clock, in
 * milliseconds. Pure.
 */
export function ownershipOf(labels: Tags, owner: string, createdAt: number): Ownership | undefined {
  if (labels[tagNames.owner] !== owner) return undefined
  const holdUntil = labels[tagNames.holdUntil]
  const after = labels[labelNames.expiresAfter]
  return {
    owner,
    pool: read(labels, tagNames.pool) ?? '',
    agentType: read(labels, tagNames.agentType) ?? '',
    launchId: read(labels, tagNames.launchId) ?? '',
    digest: read(labels, tagNames.digest) ?? '',
    units: unitsOf(labels),
    expiresAt:
      after === undefined ? Number(labels[tagNames.expiresAt] ?? 0) * 1000 : createdAt + Number(after),
    ...(holdUntil !== undefined && { holdUntil: Number(holdUntil) * 1000 }),
    version: Number(labels[tagNames.version] ?? contractVersion),
  }
}

function unitsOf(labels: Tags): readonly Unit[] {
  const [index, attempt] = (labels[labelNames.unit] ?? '').split('-')
  const name = read(labels, labelNames.agent)
  if (index === undefined || attempt === undefined || name === undefined) return []
  const jobId = read(labels, labelNames.job)
  return [{ index: Number(index), attempt: Number(attempt), name, ...(jobId !== undefined && { jobId }) }]
}

/** The labels after a change of what may be changed; everything else stays. Pure. */
export function markedLabels(labels: Tags, change: { expiresAt?: number; holdUntil?: number }): Tags {
  const { [tagNames.holdUntil]: held, ...rest } = labels
  const { [labelNames.expiresAfter]: _, ...absolute } = rest
  const { expiresAt, holdUntil } = change
  return {
    ...(expiresAt === undefined ? rest : { ...absolute, [tagNames.expiresAt]: seconds(expiresAt) }),
    ...(holdUntil === undefined && held !== undefined && { [tagNames.holdUntil]: held }),
    ...(holdUntil && { [tagNames.holdUntil]: seconds(holdUntil) }),
  }
}

function seconds(ms: number): string {
  return String(Math.floor(ms / 1000))
}

/** Google's filter for what an owner has, or for one launch of it. */
export function filterFor(owner: string, launchId: string | undefined): string {
  const mine = `labels.${tagNames.owner}=${owner}`
  return launchId === undefined ? mine : `(${mine}) AND (labels.${tagNames.launchId}=${launchId})`
}

/** Whether a label of the user's would be taken for one of ours. */
export function isReservedLabel(name: string): boolean {
  return name.startsWith('agentctl-')
}
