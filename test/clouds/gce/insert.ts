import { invalid, notFound, Refusal } from './answers.ts'
import {
  begin,
  type Cloud,
  fingerprintOf,
  instanceUrl,
  keyOf,
  type Machine,
  regionUrl,
  zoneUrl,
} from './cloud.ts'
import { base, images, machineTypes, networks, project, regionOf, subnetworks } from './inventory.ts'
import { quotaExceeded } from './knobs.ts'
import { setRunning, vanish } from './lifecycle.ts'
import type { AttachedDisk, Instance, Operation, OperationError, Scheduling } from './types.ts'

const valueBytesMax = 262_144
const metadataBytesMax = 524_288
const runSecondsMin = 30
const runSecondsMax = 120 * 86_400

/** How the next insert goes wrong, besides what the knobs say. */
export type InsertFault = 'leaves-disk' | 'leaves-machine'

/** An accepted insert: the machine is listed at once, and the operation says later whether it has come. */
export function insert(
  cloud: Cloud,
  zone: string,
  wish: Instance,
  requestId: string | undefined,
  fault: InsertFault | undefined,
): Operation {
  assertWish(cloud, zone, wish)
  if (cloud.machines.has(keyOf(zone, wish.name))) {
    const link = `projects/${project}/zones/${zone}/instances/${wish.name}`
    throw new Refusal(409, 'alreadyExists', `The resource '${link}' already exists`)
  }
  const machine = make(cloud, zone, wish)
  const { instance } = machine
  return begin(cloud, {
    type: 'insert',
    zone,
    targetLink: instanceUrl(zone, instance.name),
    targetId: instance.id ?? '',
    ms: cloud.knobs.insertMs,
    requestId,
    effect() {
      if (machine.isDeleting) return undefined
      const error = fault ? { code: 'INTERNAL_ERROR', message: 'Internal error.' } : refusalOf(cloud, machine)
      if (!error || fault === 'leaves-machine') setRunning(cloud, machine)
      else if (fault === 'leaves-disk') loseDisks(cloud, machine)
      else vanish(cloud, machine)
      return error
    },
  })
}

function refusalOf({ knobs, machines }: Cloud, { zone }: Machine): OperationError | undefined {
  const exhausted = knobs.exhaustedZones.get(zone)
  if (exhausted) return exhausted
  return machines.size > knobs.instancesMax ? quotaExceeded : undefined
}

function loseDisks(cloud: Cloud, machine: Machine): void {
  for (const disk of machine.instance.disks ?? []) disk.autoDelete = false
  vanish(cloud, machine)
}

function make(cloud: Cloud, zone: string, wish: Instance): Machine {
  const id = cloud.nextId()
  const { labels = {}, metadata = {}, networkInterfaces = [{}] } = wish
  const region = regionOf(zone)
  const host = `10.0.${(Number(id.slice(-5)) >> 8) & 255}.${Number(id.slice(-5)) & 255}`
  const instance: Instance = {
    ...wish,
    id,
    zone: zoneUrl(zone),
    selfLink: instanceUrl(zone, wish.name),
    machineType: `${zoneUrl(zone)}/machineTypes/${wish.machineType.split('/').at(-1)}`,
    status: 'PROVISIONING',
    creationTimestamp: cloud.stamp(),
    labels,
    labelFingerprint: fingerprintOf(labels),
    metadata: { ...metadata, fingerprint: fingerprintOf(metadata.items ?? []) },
    disks: (wish.disks ?? []).map((disk, at) => attach(cloud, zone, wish.name, disk, at)),
    networkInterfaces: networkInterfaces.map(({ network = 'global/networks/default', ...one }) => ({
      ...one,
      network: `${base}projects/${project}/${network.replace(/^projects\/[^/]+\//, '')}`,
      subnetwork: `${regionUrl(region)}/subnetworks/${one.subnetwork?.split('/').at(-1) ?? 'default'}`,
      networkIP: host,
      ...(one.accessConfigs && {
        accessConfigs: one.accessConfigs.map(config => ({ ...config, natIP: '203.0.113.7' })),
      }),
    })),
  }
  const machine: Machine = { zone, instance, console: '', isDeleting: false, life: 0 }
  cloud.machines.set(keyOf(zone, wish.name), machine)
  cloud.history.push({ name: wish.name, zone, labels: { ...labels } })
  return machine
}

function attach(cloud: Cloud, zone: string, owner: string, disk: AttachedDisk, at: number): AttachedDisk {
  const { initializeParams, ...rest } = disk
  const name = at === 0 ? owner : `${owner}-${at}`
  const selfLink = `${zoneUrl(zone)}/disks/${name}`
  const image = imageAt(initializeParams?.sourceImage ?? '')
  cloud.disks.set(keyOf(zone, name), {
    name,
    id: cloud.nextId(),
    zone: zoneUrl(zone),
    selfLink,
    status: 'READY',
    sizeGb: String(initializeParams?.diskSizeGb ?? image?.diskSizeGb ?? 10),
    labels: initializeParams?.labels ?? {},
    creationTimestamp: cloud.stamp(),
    users: [instanceUrl(zone, owner)],
  })
  return { ...rest, source: selfLink, deviceName: `persistent-disk-${at}` }
}

export function imageAt(path: string) {
  const [, owner, family, name] = /^projects\/([^/]+)\/global\/images\/(family\/)?([^/]+)$/.exec(path) ?? []
  return images.find(one => one.project === owner && (family ? one.family : one.name) === name)
}

function assertWish(cloud: Cloud, zone: string, wish: Instance): void {
  if (!/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(wish.name)) {
    throw invalid(`Invalid value for field 'resource.name': '${wish.name}'.`)
  }
  assertLabels(wish.labels)
  for (const { initializeParams } of wish.disks ?? []) assertDisk(initializeParams)
  assertMetadata(wish)
  assertScheduling(cloud, wish.scheduling)
  const [, type] = /^(?:.*\/)?zones\/[^/]+\/machineTypes\/([^/]+)$/.exec(wish.machineType) ?? []
  const known = machineTypes.find(one => one.name === type)
  if (!known || (known.zones && !known.zones.includes(zone))) {
    const link = `projects/${project}/zones/${zone}/machineTypes/${type}`
    throw invalid(
      `Invalid value for field 'resource.machineType': '${link}'. It does not exist in this zone.`,
    )
  }
  for (const { network, subnetwork } of wish.networkInterfaces ?? []) {
    const name = network?.split('/').at(-1) ?? 'default'
    if (!networks.includes(name)) throw notFound(`projects/${project}/global/networks/${name}`)
    const subnet = subnetwork?.split('/').at(-1) ?? 'default'
    if (subnetworks.some(one => one.region === regionOf(zone) && one.name === subnet)) continue
    throw notFound(`projects/${project}/regions/${regionOf(zone)}/subnetworks/${subnet}`)
  }
}

function assertDisk({ sourceImage = '', diskSizeGb, labels }: AttachedDisk['initializeParams'] = {}): void {
  assertLabels(labels)
  const image = imageAt(sourceImage)
  if (!image) throw notFound(sourceImage)
  if (diskSizeGb !== undefined && Number(diskSizeGb) < Number(image.diskSizeGb)) {
    throw invalid(`Requested disk size cannot be smaller than the image size (${image.diskSizeGb} GB)`)
  }
}

export function assertLabels(labels: Record<string, string> = {}): void {
  const entries = Object.entries(labels)
  if (entries.length > 64) throw invalid('Labels must not be more than 64.')
  for (const [key, value] of entries) {
    if (/^[a-z][a-z0-9_-]{0,62}$/.test(key) && /^[a-z0-9_-]{0,63}$/.test(value)) continue
    throw invalid(`Invalid value for field 'resource.labels': '${key}': '${value}'.`)
  }
}

function assertMetadata({ metadata }: Instance): void {
  const sizes = (metadata?.items ?? []).map(({ value }) => Buffer.byteLength(value))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (sizes.some(size => size > valueBytesMax) || total > metadataBytesMax) {
    throw invalid("Value for field 'resource.metadata.items[0].value' is too large: maximum size 262144.")
  }
}

function assertScheduling({ timeline }: Cloud, scheduling: Scheduling = {}): void {
  const { maxRunDuration, terminationTime, instanceTerminationAction, provisioningModel } = scheduling
  if (maxRunDuration && terminationTime) {
    throw invalid('maxRunDuration and terminationTime cannot both be set.')
  }
  const seconds = terminationTime
    ? (Date.parse(terminationTime) - timeline.now()) / 1000
    : maxRunDuration && Number(maxRunDuration.seconds ?? 0)
  if (seconds !== undefined && !(seconds >= runSecondsMin && seconds <= runSecondsMax)) {
    throw invalid(`Invalid value for field 'resource.scheduling': a run of ${seconds} s.`)
  }
  const isSpot = provisioningModel === 'SPOT'
  if (instanceTerminationAction && seconds === undefined && !isSpot) {
    throw invalid('instanceTerminationAction needs a maximum run duration, a termination time or SPOT.')
  }
  if (isSpot && scheduling.automaticRestart !== false) {
    throw invalid('Scheduling must have automaticRestart be false when provisioningModel is SPOT.')
  }
}
