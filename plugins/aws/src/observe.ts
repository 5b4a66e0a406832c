import type { Instance, Log, Resource, ResourceState, Scope } from '@agentctl/contract'
import type {
  Instance as Ec2Instance,
  NetworkInterface,
  SpotInstanceRequest,
  Volume,
} from '@aws-sdk/client-ec2'
import { offeringIdOf } from './spec.ts'
import { ownershipIn } from './tags.ts'

export interface Sight {
  readonly owner: string
  readonly scope: Scope
  readonly log: Log
  readonly now: number
}

/** Source: EC2 API reference, InstanceState, Volume, NetworkInterface, SpotInstanceRequest, 2026-11. */
export const states: Readonly<Record<string, ResourceState>> = {
  pending: 'pending',
  running: 'running',
  'shutting-down': 'stopping',
  stopping: 'stopping',
  stopped: 'stopped',
  terminated: 'terminated',
  // Volumes.
  creating: 'pending',
  available: 'stopped',
  'in-use': 'running',
  deleting: 'stopping',
  deleted: 'terminated',
  error: 'failed',
  // Interfaces.
  associated: 'running',
  attaching: 'pending',
  detaching: 'stopping',
  // Spot requests.
  open: 'pending',
  active: 'running',
  closed: 'terminated',
  cancelled: 'terminated',
  failed: 'failed',
}

function stateOf(raw: string | undefined, id: string, log: Log): ResourceState {
  const state = states[raw ?? '']
  if (state) return state
  log.warn('EC2 shows a status that is not known', { id, status: raw })
  return 'unknown'
}

/** Undefined for what is not ours. Pure, but for the log. */
export function instanceOf({ owner, scope, log, now }: Sight, found: Ec2Instance): Instance | undefined {
  const createdAt = found.LaunchTime?.getTime()
  const ownership = ownershipIn(found.Tags, owner, createdAt ?? now)
  const id = found.InstanceId
  if (!ownership || id === undefined) return undefined
  const { Code: code = '', Message: message = '' } = found.StateReason ?? {}
  const market = found.InstanceLifecycle === 'spot' ? 'spot' : 'on-demand'
  const address = found.PublicIpAddress ?? found.PrivateIpAddress
  return {
    kind: 'instance',
    id,
    scope,
    ownership,
    state: stateOf(found.State?.Name, id, log),
    unitIndex: found.AmiLaunchIndex ?? 0,
    offeringId: offeringIdOf(found.InstanceType ?? '', found.SubnetId ?? '', market),
    ...(createdAt !== undefined && { createdAt }),
    ...(address !== undefined && { address }),
    ...(message !== '' && { fault: message }),
    ...(/^Server\.Spot/.test(code) && { isReclaimed: true }),
  }
}

interface Part {
  readonly kind: Exclude<Resource['kind'], 'instance'>
  readonly id: string | undefined
  readonly status: string | undefined
  readonly tags: Parameters<typeof ownershipIn>[0]
  readonly createdAt: number | undefined
  readonly instanceId: string | undefined
}

function partOf({ owner, scope, log, now }: Sight, part: Part): Resource | undefined {
  const { kind, id, createdAt, instanceId } = part
  const ownership = ownershipIn(part.tags, owner, createdAt ?? now)
  if (!ownership || id === undefined) return undefined
  return {
    kind,
    id,
    scope,
    ownership,
    state: stateOf(part.status, id, log),
    ...(createdAt !== undefined && { createdAt }),
    ...(instanceId !== undefined && { instanceId }),
  }
}

export function diskOf(sight: Sight, found: Volume): Resource | undefined {
  return partOf(sight, {
    kind: 'disk',
    id: found.VolumeId,
    status: found.State,
    tags: found.Tags,
    createdAt: found.CreateTime?.getTime(),
    instanceId: found.Attachments?.[0]?.InstanceId,
  })
}

export function interfaceOf(sight: Sight, found: NetworkInterface): Resource | undefined {
  return partOf(sight, {
    kind: 'interface',
    id: found.NetworkInterfaceId,
    status: found.Status,
    tags: found.TagSet,
    createdAt: found.Attachment?.AttachTime?.getTime(),
    instanceId: found.Attachment?.InstanceId,
  })
}

export function spotRequestOf(sight: Sight, found: SpotInstanceRequest): Resource | undefined {
  return partOf(sight, {
    kind: 'spot-request',
    id: found.SpotInstanceRequestId,
    status: found.State,
    tags: found.Tags,
    createdAt: found.CreateTime?.getTime(),
    instanceId: found.InstanceId,
  })
}
