import type { Instance, Log, Market, Resource, ResourceKind, ResourceState, Scope } from '@agentctl/contract'
import { z } from 'zod'
import { aggregated } from './aggregated.ts'
import { type CloudInstance, type Compute, instanceShape } from './api.ts'
import { idOf, isInRegion, lastOf } from './ids.ts'
import { filterFor, ownershipOf } from './labels.ts'
import type { ClientName } from './sdk.ts'
import { offeringId } from './spec.ts'

/** Source: https://cloud.google.com/compute/docs/instances/instance-lifecycle, read 2026-11-23. */
export const states: Readonly<Record<string, ResourceState>> = {
  PENDING: 'pending',
  PROVISIONING: 'pending',
  STAGING: 'pending',
  RUNNING: 'running',
  // It runs again, or is ended; until then its deadlines count.
  REPAIRING: 'running',
  PENDING_STOP: 'stopping',
  STOPPING: 'stopping',
  SUSPENDING: 'stopping',
  DEPROVISIONING: 'stopping',
  STOPPED: 'stopped',
  SUSPENDED: 'stopped',
  TERMINATED: 'stopped',
}

export interface Whose {
  readonly owner: string
  readonly scope: Scope
  readonly log: Log
}

/** Undefined where this owner's labels are not on it. */
export function instanceOf({ owner, scope, log }: Whose, found: CloudInstance): Instance | undefined {
  const createdAt = timeOf(found.creationTimestamp)
  const ownership = ownershipOf(found.labels, owner, createdAt ?? 0)
  if (!ownership) return undefined
  const zone = lastOf(found.zone)
  const state = states[found.status]
  if (state === undefined) {
    log.warn('A machine is in a state that is not known', { state: found.status, machine: found.name })
  }
  const market: Market = found.scheduling?.provisioningModel === 'SPOT' ? 'spot' : 'on-demand'
  const [face] = found.networkInterfaces
  const address = face?.accessConfigs.map(({ natIP }) => natIP).find(Boolean) ?? face?.networkIP
  const fault = state === undefined ? found.status : found.statusMessage
  return {
    kind: 'instance',
    id: idOf({ at: zone, name: found.name }),
    scope,
    state: state ?? 'unknown',
    ownership,
    unitIndex: ownership.units[0]?.index ?? 0,
    offeringId: offeringId(lastOf(found.machineType), zone, market),
    ...(createdAt !== undefined && { createdAt }),
    ...(address && { address }),
    ...(fault && { fault }),
  }
}

export function isSpot({ offeringId: id }: Instance): boolean {
  return id?.endsWith('/spot') ?? false
}

/** Every machine of this owner in the region, of whatever zone. Rules S1 and S2. */
export async function* observeInstances(
  compute: Compute,
  whose: Whose,
  launchId: string | undefined,
): AsyncGenerator<Instance> {
  const found = aggregated(compute, {
    client: 'instances',
    key: 'instances',
    shape: instanceShape,
    filter: filterFor(whose.owner, launchId),
    isAsked: isZoneOf(whose.scope),
  })
  for await (const one of found) {
    const instance = instanceOf(whose, one)
    if (instance) yield instance
  }
}

const auxiliaryShape = z.object({
  name: z.string(),
  zone: z.string().optional(),
  region: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  creationTimestamp: z.string().default(''),
  users: z.array(z.string()).default([]),
})

/** What is left of a machine, or was made beside it: where it is listed, and by which kind we call it. */
const auxiliaries = {
  disk: { client: 'disks', key: 'disks', place: isZoneOf },
  address: {
    client: 'addresses',
    key: 'addresses',
    place:
      ({ region }: Scope) =>
      (scope: string) =>
        scope === `regions/${region}`,
  },
} as const satisfies Partial<Record<ResourceKind, { client: ClientName; key: string; place: unknown }>>
export type AuxiliaryKind = keyof typeof auxiliaries
export const auxiliaryKinds = Object.keys(auxiliaries) as AuxiliaryKind[]

export async function* observeAuxiliaries(
  compute: Compute,
  { owner, scope }: Whose,
  kind: AuxiliaryKind,
  launchId: string | undefined,
): AsyncGenerator<Resource> {
  const { client, key, place } = auxiliaries[kind]
  const filter = filterFor(owner, launchId)
  const found = aggregated(compute, { client, key, shape: auxiliaryShape, filter, isAsked: place(scope) })
  for await (const { name, zone = '', region = '', labels, creationTimestamp, users } of found) {
    const createdAt = timeOf(creationTimestamp)
    const ownership = ownershipOf(labels, owner, createdAt ?? 0)
    if (!ownership) continue
    const [user] = users
    yield {
      kind,
      id: idOf({ at: lastOf(zone || region), name }),
      scope,
      state: 'running',
      ownership,
      ...(createdAt !== undefined && { createdAt }),
      ...(user !== undefined && { instanceId: idOf({ at: lastOf(zone || region), name: lastOf(user) }) }),
    }
  }
}

function isZoneOf({ region }: Scope): (scope: string) => boolean {
  return scope => scope.startsWith('zones/') && isInRegion(lastOf(scope), region)
}

function timeOf(text: string): number | undefined {
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
