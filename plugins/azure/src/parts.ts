import { type Resource, type Scope, scopeKey, type Tags, tagNames } from '@agentctl/contract'
import type { Arm } from './arm.ts'
import { isNotFound } from './errors.ts'
import { machineName, type PartKind, partKinds, placeOf } from './names.ts'
import { ownershipByName, ownershipOf } from './tags.ts'

/** Of a disk, an interface or an address, what is asked of it. */
interface Found {
  readonly name?: string | undefined
  readonly location?: string | undefined
  readonly tags?: Tags | undefined
  readonly timeCreated?: Date | undefined
}

type List = (arm: Arm, group: string, abortSignal: AbortSignal) => Promise<AsyncIterable<Found>>

/** Interfaces first: an address goes only after its interface. */
const lists: Readonly<Record<PartKind, List>> = {
  interface: async (arm, group, abortSignal) =>
    (await arm.network()).networkInterfaces.list(group, { abortSignal }),
  disk: async ({ compute }, group, abortSignal) => compute.disks.listByResourceGroup(group, { abortSignal }),
  address: async (arm, group, abortSignal) =>
    (await arm.network()).publicIPAddresses.list(group, { abortSignal }),
}

/** Undefined where it is not this owner's: by its tags, or by its name where it has none of ours. */
function partOf(kind: PartKind, found: Found, owner: string, scope: Scope): Resource | undefined {
  const { name = '', tags = {}, timeCreated, location } = found
  const createdAt = timeCreated?.getTime()
  const ownership = ownershipIn(found, owner)
  if (!ownership || location?.toLowerCase() !== scope.region) return undefined
  return {
    kind,
    id: name,
    scope,
    state: 'running',
    ownership,
    ...(createdAt !== undefined && { createdAt }),
    instanceId: machineName(tags[tagNames.owner] ?? owner, ownership.launchId),
  }
}

function ownershipIn({ name = '', tags = {}, timeCreated }: Found, owner: string) {
  if (tags[tagNames.owner] !== undefined) return ownershipOf(tags, owner, timeCreated?.getTime())
  return ownershipByName(name, owner)
}

/** What there is of this owner of these kinds, interfaces first. Rules S1 and S2. */
export async function readParts(
  arm: Arm,
  { owner, scope, kinds = partKinds }: { owner: string; scope: Scope; kinds?: readonly PartKind[] },
  abortSignal: AbortSignal,
): Promise<readonly Resource[]> {
  const { group } = placeOf(scope)
  const all: Resource[] = []
  for (const kind of (Object.keys(lists) as PartKind[]).filter(one => kinds.includes(one))) {
    try {
      for await (const found of await lists[kind](arm, group, abortSignal)) {
        const part = partOf(kind, found, owner, scope)
        if (part) all.push(part)
      }
    } catch (error) {
      // Nothing is in a group that is not there.
      if (!isNotFound(error)) throw error
    }
  }
  return all
}

type Get = (arm: Arm, group: string, name: string, abortSignal: AbortSignal) => Promise<Found>

const gets: Readonly<Record<PartKind, Get>> = {
  interface: async (arm, group, name, abortSignal) =>
    (await arm.network()).networkInterfaces.get(group, name, { abortSignal }),
  disk: async ({ compute }, group, name, abortSignal) => compute.disks.get(group, name, { abortSignal }),
  address: async (arm, group, name, abortSignal) =>
    (await arm.network()).publicIPAddresses.get(group, name, { abortSignal }),
}

/** `foreign` for what is somebody else's. */
export async function lookAtPart(
  arm: Arm,
  { kind, group, name, owner }: { kind: PartKind; group: string; name: string; owner: string },
  signal: AbortSignal,
): Promise<'mine' | 'foreign' | 'gone'> {
  try {
    return ownershipIn(await gets[kind](arm, group, name, signal), owner) ? 'mine' : 'foreign'
  } catch (error) {
    if (isNotFound(error)) return 'gone'
    throw error
  }
}

/** Asks for the end of one. */
export async function deletePart(
  arm: Arm,
  { kind, group, name }: { kind: PartKind; group: string; name: string },
  abortSignal: AbortSignal,
): Promise<void> {
  if (kind === 'disk') return arm.compute.disks.delete(group, name, { abortSignal }).submitted()
  const network = await arm.network()
  const client = kind === 'interface' ? network.networkInterfaces : network.publicIPAddresses
  return client.delete(group, name, { abortSignal }).submitted()
}

/** Looks that many calls want at the same time. */
export interface Leftovers {
  /** All parts of this owner in the scope, by a look that begins after this call. */
  in(arm: Arm, scope: Scope): Promise<readonly Resource[]>
}

interface Slot {
  running: Promise<readonly Resource[]>
  next: Promise<readonly Resource[]> | undefined
}

/** One look at a time for each scope: however many machines end together, Azure is asked twice at most. */
export function createLeftovers(owner: string, closing: AbortSignal): Leftovers {
  const slots = new Map<string, Slot>()
  return {
    in(arm, scope) {
      const key = scopeKey(scope)
      const start = () => {
        const running = readParts(arm, { owner, scope }, closing)
        const slot: Slot = { running, next: undefined }
        slots.set(key, slot)
        const clear = () => {
          if (slots.get(key) === slot && !slot.next) slots.delete(key)
        }
        running.then(clear, clear)
        return running
      }
      const slot = slots.get(key)
      if (!slot) return start()
      slot.next ??= slot.running.then(start, start)
      return slot.next
    },
  }
}
