import type { Scope } from '@agentctl/contract'

/**
 * Parts of a machine by the end of their names. The owner is in the name because a disk that Azure makes along with a
 * machine takes no tags in that request.
 */
const ends = { disk: 'disk', interface: 'nic', address: 'ip' } as const
export type PartKind = keyof typeof ends
export const partKinds = Object.keys(ends) as PartKind[]

/** At most 58 characters, of the 64 that a Linux machine's name may have. It is the instance's id. */
export function machineName(owner: string, launchId: string): string {
  return `${owner}-${launchId}`
}

export function partName(machine: string, kind: PartKind): string {
  return `${machine}-${ends[kind]}`
}

const pattern = /^([a-z][a-z0-9-]{0,30})-([a-z][a-z2-7]{25})(?:-(?:disk|nic|ip))?$/

/** Whose name it is, and of which launch; undefined for one that {@link machineName} does not make. */
export function readName(name: string): { readonly owner: string; readonly launchId: string } | undefined {
  // Azure tells names apart without case, and does not always keep it.
  const [, owner, launchId] = pattern.exec(name.toLowerCase()) ?? []
  return owner === undefined || launchId === undefined ? undefined : { owner, launchId }
}

export function isLaunchId(text: string): boolean {
  return /^[a-z][a-z2-7]{25}$/.test(text)
}

/** Keeps paths out of requests. */
export function isResourceName(id: string): boolean {
  return /^[\w][\w.-]{0,79}$/.test(id)
}

export interface Place {
  readonly subscription: string
  readonly group: string
  readonly location: string
}

/** Where machines are looked for is one resource group, so that no right is needed outside of it but to read. */
export function scopeOf({ subscription, group, location }: Place): Scope {
  return { account: `${subscription}/${group}`, region: location }
}

export function placeOf({ account, region }: Scope): Place {
  const [subscription = '', group = ''] = account.split('/')
  return { subscription, group, location: region }
}

/** `westeurope-1`, and the location alone for a machine that is in no zone. */
export function zoneName(location: string, zone: string | undefined): string {
  return zone === undefined ? location : `${location}-${zone}`
}

/** The `1` of `westeurope-1`. */
export function zoneNumber(location: string, zone: string): string | undefined {
  return zone === location ? undefined : zone.slice(location.length + 1)
}
