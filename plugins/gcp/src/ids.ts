import { createHash } from 'node:crypto'
import type { ResourceRef } from '@agentctl/contract'

/** A name in its zone, or in its region for an address. */
export interface Place {
  readonly at: string
  readonly name: string
}

/** The id of a resource tells where it is: `ZONE/NAME`, for an address `REGION/NAME`. */
export function idOf({ at, name }: Place): string {
  return `${at}/${name}`
}

const idPattern = /^([a-z][a-z0-9-]{0,62})\/([a-z][a-z0-9-]{0,62})$/

/** Undefined where `ref` can be none of ours: another region, or no id of this form; keeps paths out of requests. */
export function placeOf({ id, kind, scope }: ResourceRef): Place | undefined {
  const [, at, name] = idPattern.exec(id) ?? []
  if (at === undefined || name === undefined) return undefined
  const isHere = kind === 'address' ? at === scope.region : isInRegion(at, scope.region)
  return isHere ? { at, name } : undefined
}

export function isInRegion(zone: string, region: string): boolean {
  return zone.startsWith(`${region}-`)
}

/** The last part of a URL or path. */
export function lastOf(url: string): string {
  return url.split('/').at(-1) ?? ''
}

const launchIdPattern = /^[a-z][a-z2-7]{25}$/

export function isLaunchId(text: string): boolean {
  return launchIdPattern.test(text)
}

/**
 * The request id of a launch: a UUID, always the same for one launch id and digest, so that Compute Engine ignores a
 * repeat, and another request under the same launch id meets the name instead.
 */
export function requestIdOf(launchId: string, digest: string): string {
  const hex = createHash('sha256').update(`${launchId}/${digest}`).digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
