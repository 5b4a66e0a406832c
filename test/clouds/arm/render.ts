import { location } from './catalogue.ts'
import { subscription } from './cloud.ts'
import type { Machine, Part } from './types.ts'

const types = {
  machine: 'Microsoft.Compute/virtualMachines',
  disk: 'Microsoft.Compute/disks',
  interface: 'Microsoft.Network/networkInterfaces',
  address: 'Microsoft.Network/publicIPAddresses',
} as const

export function idFor(kind: keyof typeof types, group: string, name: string): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/${types[kind]}/${name}`
}

/** A machine as a GET, a PUT or a list shows it: what was written only (custom data) is left out. */
export function machineJson(machine: Machine, parts: readonly Part[], isWithStatus = false) {
  const { group, name, body, vmId, provisioning, createdAt, tags } = machine
  const { osProfile, networkProfile, storageProfile, ...properties } = body.properties
  const { customData: _, ...shown } = osProfile ?? {}
  const disk = parts.find(({ kind }) => kind === 'disk')
  return {
    name,
    id: idFor('machine', group, name),
    type: types.machine,
    location: body.location,
    tags,
    ...(body.zones && { zones: body.zones }),
    properties: {
      ...properties,
      vmId,
      provisioningState: provisioning,
      timeCreated: new Date(createdAt).toISOString(),
      ...(osProfile && { osProfile: shown }),
      storageProfile: {
        ...storageProfile,
        osDisk: {
          ...storageProfile?.osDisk,
          ...(disk && { managedDisk: { id: idFor('disk', group, disk.name) } }),
        },
      },
      networkProfile: {
        networkInterfaces: (networkProfile?.networkInterfaceConfigurations ?? []).map(face => ({
          id: idFor('interface', group, face.name),
          properties: { primary: true, deleteOption: face.properties?.deleteOption ?? 'Detach' },
        })),
      },
      ...(isWithStatus && { instanceView: instanceView(machine) }),
    },
    etag: `"${machine.etag}"`,
  }
}

/** As `statusOnly=true` lists it: what Azure's own text promises, the status, and nothing that it does not. */
export function statusJson(machine: Machine) {
  const { group, name, body, vmId } = machine
  return {
    name,
    id: idFor('machine', group, name),
    type: types.machine,
    location: body.location,
    properties: { vmId, instanceView: instanceView(machine) },
  }
}

function instanceView({ provisioning, fault, power, createdAt }: Machine) {
  const time = new Date(createdAt).toISOString()
  const code = `ProvisioningState/${provisioning.toLowerCase()}${fault ? `/${fault.code}` : ''}`
  const state = {
    code,
    level: fault ? 'Error' : 'Info',
    displayStatus: `Provisioning ${provisioning.toLowerCase()}`,
    ...(fault && { message: fault.message }),
    time,
  }
  const powered = power && { code: `PowerState/${power}`, level: 'Info', displayStatus: `VM ${power}` }
  return { statuses: [state, ...(powered ? [powered] : [])] }
}

export function partJson(part: Part, subnetId: string) {
  const { kind, group, name, tags, createdAt, machine } = part
  const common = {
    name,
    id: idFor(kind, group, name),
    location,
    tags,
    ...(kind !== 'disk' && { type: types[kind] }),
  }
  if (kind === 'disk') {
    return {
      ...common,
      type: types.disk,
      ...(machine && { managedBy: idFor('machine', group, machine) }),
      properties: {
        timeCreated: new Date(createdAt).toISOString(),
        provisioningState: 'Succeeded',
        diskState: machine ? 'Attached' : 'Unattached',
        creationData: { createOption: 'FromImage' },
      },
    }
  }
  if (kind === 'address') {
    return {
      ...common,
      properties: {
        provisioningState: 'Succeeded',
        publicIPAllocationMethod: 'Static',
        ipAddress: '203.0.113.7',
        deleteOption: part.deleteOption,
      },
    }
  }
  return {
    ...common,
    properties: {
      provisioningState: 'Succeeded',
      ...(machine && { virtualMachine: { id: idFor('machine', group, machine) } }),
      ipConfigurations: [
        {
          name: 'primary',
          id: `${idFor('interface', group, name)}/ipConfigurations/primary`,
          properties: { privateIPAddress: '10.0.0.4', subnet: { id: subnetId } },
        },
      ],
    },
  }
}
