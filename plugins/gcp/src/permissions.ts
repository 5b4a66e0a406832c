import type { CacheWish } from '@agentctl/contract'
import type { GcpSpec } from './spec.ts'

/** What the controller needs on the project, whatever the specs say. */
const always: readonly string[] = [
  'compute.addresses.delete',
  'compute.addresses.get',
  'compute.addresses.list',
  'compute.disks.create',
  'compute.disks.delete',
  'compute.disks.get',
  'compute.disks.list',
  'compute.disks.setLabels',
  'compute.images.get',
  'compute.images.getFromFamily',
  'compute.images.useReadOnly',
  'compute.instances.create',
  'compute.instances.delete',
  'compute.instances.get',
  'compute.instances.getSerialPortOutput',
  'compute.instances.list',
  'compute.instances.setLabels',
  'compute.instances.setMetadata',
  'compute.machineTypes.list',
  'compute.networks.get',
  'compute.regionOperations.get',
  'compute.regions.get',
  'compute.subnetworks.get',
  'compute.subnetworks.use',
  'compute.zoneOperations.get',
  'compute.zoneOperations.list',
]

/**
 * Source: the permissions that each method's page of the reference names, such as
 * https://cloud.google.com/compute/docs/reference/rest/v1/instances/insert#iam-permissions, read 2026-11-23.
 */
const ifAsked: readonly (readonly [(spec: GcpSpec) => boolean, string])[] = [
  [spec => spec['external-address'], 'compute.subnetworks.useExternalIp'],
  [spec => spec['service-account'] !== undefined, 'compute.instances.setServiceAccount'],
  [spec => spec['network-tags'].length > 0, 'compute.instances.setTags'],
]

/** The permissions on the project for these specs, sorted. Pure. */
export function permissionsFor(specs: readonly GcpSpec[]): readonly string[] {
  const asked = ifAsked.filter(([isAsked]) => specs.some(isAsked)).map(([, permission]) => permission)
  return [...always, ...asked].toSorted()
}

/** What making, showing and deleting a cache takes besides. Pure. */
export function cachePermissions(access: CacheWish['access']): readonly string[] {
  const bucket = ['create', 'delete', 'get', 'update'].map(verb => `storage.buckets.${verb}`)
  const objects = ['storage.objects.delete', 'storage.objects.list']
  if (access === 'none') return [...bucket, ...objects]
  return [
    ...bucket,
    'storage.buckets.getIamPolicy',
    'storage.buckets.setIamPolicy',
    ...objects,
    ...['create', 'delete', 'get'].map(verb => `iam.serviceAccounts.${verb}`),
    // Which of the two ways there is shows by the keys.
    'iam.serviceAccountKeys.list',
    ...(access === 'key' ? ['iam.serviceAccountKeys.create'] : []),
  ]
}
