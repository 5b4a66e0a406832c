import { Refusal } from './answers.ts'
import { coresOf, sizeNames } from './catalogue.ts'
import { type Cloud, finish, keyOf, machineAt, newOperation, partKey, partsOf } from './cloud.ts'
import type { CreateFault } from './knobs.ts'
import type { Machine, MachineBody, Operation, OperationError, Part, PartKind } from './types.ts'

/** Makes a machine with its parts, as one PUT does, and the operation that says how it went. */
export function create(
  cloud: Cloud,
  group: string,
  name: string,
  body: MachineBody,
): { readonly machine: Machine; readonly operation: Operation } {
  assertPossible(cloud, group, name, body)
  const fault = faultFor(cloud, body)
  const operation = newOperation(cloud)
  const now = cloud.timeline.now()
  const machine: Machine = {
    group,
    name,
    body,
    createdAt: now,
    vmId: cloud.nextId(),
    tags: body.tags ?? {},
    etag: 1,
    provisioning: 'Creating',
    power: undefined,
    fault: undefined,
    console: '',
  }
  cloud.machines.set(keyOf(group, name), machine)
  cloud.history.push(machine)
  const last = fault?.kind === 'half-way' ? fault.after : 'machine'
  for (const part of plannedParts(machine).filter(({ kind }) => steps.indexOf(kind) <= steps.indexOf(last))) {
    cloud.parts.set(partKey(part.kind, group, part.name), part)
  }
  plan(cloud, machine, operation, fault)
  return { machine, operation }
}

const steps: readonly (PartKind | 'machine')[] = ['address', 'interface', 'disk', 'machine']

function plan(cloud: Cloud, machine: Machine, operation: Operation, fault: CreateFault | undefined): void {
  const { timeline, knobs } = cloud
  const isStill = () =>
    cloud.machines.get(keyOf(machine.group, machine.name)) === machine && machine.provisioning === 'Creating'
  if (fault?.kind === 'half-way') {
    timeline.at(timeline.now() + knobs.allocateMs, () => {
      if (!isStill()) return
      finish(operation, fault.error)
      fail(machine, fault.error)
      if (!fault.isMachineMade) dropMachine(cloud, machine)
    })
    return
  }
  timeline.at(timeline.now() + knobs.allocateMs, () => {
    if (isStill()) machine.power = 'running'
  })
  if (fault?.kind === 'stuck') return
  timeline.at(timeline.now() + knobs.provisionMs, () => {
    if (!isStill()) return
    if (fault) fail(machine, fault.error)
    else machine.provisioning = 'Succeeded'
    finish(operation, fault?.error)
  })
}

function fail(machine: Machine, error: OperationError): void {
  machine.provisioning = 'Failed'
  machine.fault = error
}

/** Its parts stay: the interface stays reserved for it. */
function dropMachine(cloud: Cloud, machine: Machine): void {
  for (const part of partsOf(cloud, machine)) {
    part.machine = undefined
    if (part.kind === 'interface') part.reservedUntil = cloud.timeline.now() + cloud.knobs.reservationMs
  }
  cloud.machines.delete(keyOf(machine.group, machine.name))
}

function plannedParts(machine: Machine): readonly Part[] {
  const { properties, location } = machine.body
  const common = {
    group: machine.group,
    location,
    createdAt: machine.createdAt,
    machine: machine.name,
    reservedUntil: 0,
  }
  const faces = properties.networkProfile?.networkInterfaceConfigurations ?? []
  const disk = properties.storageProfile?.osDisk
  const parts: Part[] = []
  for (const face of faces) {
    const [ip] = face.properties?.ipConfigurations ?? []
    const address = ip?.properties?.publicIPAddressConfiguration
    if (address) {
      const deleteOption = address.properties?.deleteOption ?? 'Detach'
      parts.push({
        ...common,
        kind: 'address',
        name: address.name,
        face: face.name,
        tags: address.tags ?? {},
        deleteOption,
      })
    }
  }
  for (const { name, tags: own = {}, properties: face } of faces) {
    parts.push({
      ...common,
      kind: 'interface',
      name,
      tags: own,
      deleteOption: face?.deleteOption ?? 'Detach',
    })
  }
  // Nothing of an ephemeral disk is seen. Of a disk's tags nothing is said in the request: none are put on it here.
  if (disk && !disk.diffDiskSettings) {
    const name = disk.name ?? `${machine.name}_OsDisk_1_${machine.vmId}`
    parts.push({ ...common, kind: 'disk', name, tags: {}, deleteOption: disk.deleteOption ?? 'Detach' })
  }
  return parts
}

function marketOf(body: MachineBody): string {
  return body.properties.priority === 'Spot' ? 'spot' : 'on-demand'
}

function soldOutFor({ knobs }: Cloud, body: MachineBody) {
  const size = body.properties.hardwareProfile?.vmSize ?? ''
  const [zone = 'none'] = body.zones ?? []
  return (
    knobs.soldOut.get(`${size}/${zone}/${marketOf(body)}`) ?? knobs.soldOut.get(`${size}/*/${marketOf(body)}`)
  )
}

function faultFor(cloud: Cloud, body: MachineBody): CreateFault | undefined {
  const given = cloud.faults.takeCreate()
  if (given) return given
  const soldOut = soldOutFor(cloud, body)
  if (!soldOut) return undefined
  const error = { code: soldOut.code, message: `${soldOut.code}: no such machine is to be had now.` }
  return { kind: 'half-way', after: 'disk', isMachineMade: true, error }
}

/** @throws what Azure refuses at once */
function assertPossible(cloud: Cloud, group: string, name: string, body: MachineBody): void {
  const { vmSize = '' } = body.properties.hardwareProfile ?? {}
  if (!sizeNames.includes(vmSize)) {
    throw new Refusal(400, 'InvalidParameter', `The requested VM size ${vmSize} is not available.`)
  }
  const soldOut = soldOutFor(cloud, body)
  if (soldOut?.when === 'at-once') {
    throw new Refusal(
      409,
      soldOut.code,
      `The requested size for resource ${name} is currently not available.`,
    )
  }
  const used = coresUsed(cloud) + coresOf(vmSize)
  if (used > cloud.knobs.coresMax) {
    const message =
      'Operation could not be completed as it results in exceeding approved Total Regional Cores quota.'
    throw new Refusal(409, 'OperationNotAllowed', message)
  }
  for (const part of cloud.parts.values()) {
    const isOfOurName = part.kind === 'interface' && part.group.toLowerCase() === group.toLowerCase()
    const [face] = body.properties.networkProfile?.networkInterfaceConfigurations ?? []
    if (isOfOurName && part.name === face?.name) {
      throw new Refusal(
        400,
        'NicReservedForAnotherVm',
        `Nic(s) ${part.name} is reserved for another Virtual Machine.`,
      )
    }
  }
}

export function coresUsed({ machines }: Cloud): number {
  return [...machines.values()].reduce(
    (sum, { body }) => sum + coresOf(body.properties.hardwareProfile?.vmSize ?? ''),
    0,
  )
}

/** Starts a delete, or joins the one that is under way. */
export function remove(cloud: Cloud, group: string, name: string): Operation {
  const machine = machineAt(cloud, group, name)
  const operation = newOperation(cloud)
  const { timeline, knobs } = cloud
  const isDeleting = machine.provisioning === 'Deleting'
  machine.provisioning = 'Deleting'
  timeline.at(timeline.now() + knobs.deleteMs, () => {
    finish(operation)
    if (isDeleting) return
    for (const part of partsOf(cloud, machine)) {
      part.machine = undefined
      if (part.deleteOption === 'Delete') cloud.parts.delete(partKey(part.kind, part.group, part.name))
    }
    cloud.machines.delete(keyOf(group, name))
  })
  return operation
}
