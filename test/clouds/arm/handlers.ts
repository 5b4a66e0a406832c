import { type Answer, notFound, ok, Refusal } from './answers.ts'
import { imageVersion, imageVersions, location, skus, usages } from './catalogue.ts'
import { type Cloud, keyOf, machineAt, newOperation, partKey, partsOf, subscription } from './cloud.ts'
import { coresUsed, create, remove } from './create.ts'
import { machineJson, partJson, statusJson } from './render.ts'
import type { Machine, MachineBody, Operation, Part, PartKind, Tags } from './types.ts'

export interface Ask {
  readonly cloud: Cloud
  readonly at: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
  /** `https://HOST:PORT` */
  readonly base: string
  readonly path: string
}
export type Handler = (ask: Ask) => Answer

function groupAt({ cloud, at }: Ask): string {
  const group = at.group ?? ''
  if (!cloud.groups.has(group.toLowerCase())) {
    throw new Refusal(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`)
  }
  return group
}

function isIn(group: string, one: { readonly group: string }): boolean {
  return one.group.toLowerCase() === group.toLowerCase()
}

/** One page of a list, and where the next one is. */
function page<T>({ cloud, query, base, path }: Ask, all: readonly T[]): Answer {
  const from = Number(query.get('$skiptoken') ?? 0)
  const { pageMax } = cloud.knobs
  const next = new URLSearchParams(query)
  next.set('$skiptoken', String(from + pageMax))
  const hasMore = all.length > from + pageMax
  return ok({
    value: all.slice(from, from + pageMax),
    ...(hasMore && { nextLink: `${base}${path}?${next}` }),
  })
}

function followed({ cloud, base, query }: Ask, operation: Operation): Readonly<Record<string, string>> {
  const { operationHeader } = cloud.knobs
  const kind = operationHeader === 'location' ? 'operationResults' : 'operations'
  const version = query.get('api-version') ?? ''
  const url = `${base}/subscriptions/${subscription}/providers/Microsoft.Compute/locations/${location}/${kind}/${operation.id}?api-version=${version}`
  return { [operationHeader]: url, ...waitOf(cloud) }
}

/** In seconds as Azure says it, and in its other header where that is too coarse for a test. */
function waitOf({ knobs: { retryAfterMs } }: Cloud): Readonly<Record<string, string>> {
  return retryAfterMs < 1000
    ? { 'x-ms-retry-after-ms': String(retryAfterMs) }
    : { 'retry-after': String(Math.round(retryAfterMs / 1000)) }
}

function shown(cloud: Cloud, machine: Machine, isWithStatus = false) {
  return machineJson(machine, partsOf(cloud, machine), isWithStatus)
}

function putMachine(ask: Ask): Answer {
  const { cloud, at, headers } = ask
  const group = groupAt(ask)
  const { name = '' } = at
  const body = ask.body as MachineBody
  const before = cloud.machines.get(keyOf(group, name))
  if (before && headers['if-none-match'] === '*') {
    throw new Refusal(412, 'PreconditionFailed', `The resource ${name} exists already.`)
  }
  if (before && before.body.properties.osProfile?.customData !== body.properties.osProfile?.customData) {
    throw new Refusal(
      409,
      'PropertyChangeNotAllowed',
      "Changing property 'osProfile.customData' is not allowed.",
    )
  }
  if (before) return ok(shown(cloud, before))
  const { machine, operation } = create(cloud, group, name, body)
  return { status: 201, body: shown(cloud, machine), headers: followed(ask, operation) }
}

function patchMachine(ask: Ask): Answer {
  const { cloud, at, headers, body } = ask
  const machine = machineAt(cloud, groupAt(ask), at.name ?? '')
  const wanted = headers['if-match']
  if (typeof wanted === 'string' && wanted !== `"${machine.etag}"`) {
    throw new Refusal(412, 'PreconditionFailed', 'The etag is not that of the resource.')
  }
  machine.tags = (body as { readonly tags?: Tags }).tags ?? machine.tags
  machine.etag += 1
  return ok(shown(cloud, machine))
}

function deleteMachine(ask: Ask): Answer {
  const group = groupAt(ask)
  const { name = '' } = ask.at
  if (!ask.cloud.machines.has(keyOf(group, name))) return { status: 204 }
  return { status: 202, headers: followed(ask, remove(ask.cloud, group, name)) }
}

function listParts(kind: PartKind): Handler {
  return ask => {
    const group = groupAt(ask)
    const found = [...ask.cloud.parts.values()].filter(part => part.kind === kind && isIn(group, part))
    return page(
      ask,
      found.map(one => partJson(one, subnetId)),
    )
  }
}

const subnetId = `/subscriptions/${subscription}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/ci/subnets/agents`

function partAt(ask: Ask, kind: PartKind): Part {
  const { name = '' } = ask.at
  const part = ask.cloud.parts.get(partKey(kind, groupAt(ask), name))
  if (!part) throw notFound(`${kind} ${name}`)
  return part
}

const inUse: Readonly<Record<PartKind, string>> = {
  disk: 'OperationNotAllowed',
  interface: 'NicInUse',
  address: 'PublicIPAddressCannotBeDeleted',
}

function deletePart(kind: PartKind): Handler {
  return ask => {
    const { cloud, at } = ask
    const key = partKey(kind, groupAt(ask), at.name ?? '')
    const part = cloud.parts.get(key)
    if (!part) return { status: 204 }
    const { name, group, machine, reservedUntil } = part
    const isTied = part.face !== undefined && cloud.parts.has(partKey('interface', group, part.face))
    if (machine !== undefined && cloud.machines.has(keyOf(group, machine))) {
      throw new Refusal(kind === 'disk' ? 409 : 400, inUse[kind], `${name} is attached to ${machine}.`)
    }
    if (isTied) throw new Refusal(400, inUse[kind], `${name} is still allocated to an interface.`)
    if (reservedUntil > cloud.timeline.now()) {
      const message = `Nic(s) ${name} is reserved for another Virtual Machine for 180 seconds.`
      throw new Refusal(400, 'NicReservedForAnotherVm', message)
    }
    const operation = newOperation(cloud)
    cloud.timeline.at(cloud.timeline.now() + cloud.knobs.deleteMs / 2, () => cloud.parts.delete(key))
    return { status: 202, headers: followed(ask, operation) }
  }
}

function operationAt({ cloud, at }: Ask): Operation {
  const operation = cloud.operations.get(at.id ?? '')
  if (!operation || operation.isExpired) throw notFound(`operation ${at.id}`)
  return operation
}

function operationResult(ask: Ask): Answer {
  const { status, error } = operationAt(ask)
  if (status === 'InProgress') return { status: 202, headers: waitOf(ask.cloud) }
  if (error) throw new Refusal(409, error.code, error.message)
  return { status: 204 }
}

const images =
  'locations/:location/publishers/:publisher/artifacttypes/vmimage/offers/:offer/skus/:sku/versions'
const urnOf = ({ at: { publisher = '', offer = '', sku = '' } }: Ask) => ({ publisher, offer, sku })

/** By method and path. A path without a slash in front is one of a resource group's; `sub:` is one of the subscription's. */
export const handlers: Readonly<Record<string, Handler>> = {
  'PUT virtualMachines/:name': putMachine,
  'PATCH virtualMachines/:name': patchMachine,
  'DELETE virtualMachines/:name': deleteMachine,
  'GET virtualMachines/:name': ask => {
    const machine = machineAt(ask.cloud, groupAt(ask), ask.at.name ?? '')
    return ok(shown(ask.cloud, machine, ask.query.get('$expand') === 'instanceView'))
  },
  'GET virtualMachines': ask => {
    const group = groupAt(ask)
    if (ask.query.has('$expand') && !ask.query.has('$filter')) {
      throw new Refusal(400, 'BadRequest', '$expand can only be specified with a $filter.')
    }
    const found = [...ask.cloud.machines.values()].filter(one => isIn(group, one))
    return page(
      ask,
      found.map(one => shown(ask.cloud, one)),
    )
  },
  'GET sub:virtualMachines': ask => {
    const isStatus = ask.query.get('statusOnly') === 'true'
    const all = [...ask.cloud.machines.values()]
    return page(
      ask,
      all.map(one => (isStatus ? statusJson(one) : shown(ask.cloud, one))),
    )
  },
  'POST virtualMachines/:name/retrieveBootDiagnosticsData': ask => {
    const { name } = machineAt(ask.cloud, groupAt(ask), ask.at.name ?? '')
    const blob = (kind: string) => `${ask.base}/diagnostics/${at(ask)}/${name}/${kind}?sig=sas-secret`
    return ok({ serialConsoleLogBlobUri: blob('serial'), consoleScreenshotBlobUri: blob('screen') })
  },
  'GET disks': listParts('disk'),
  'GET disks/:name': ask => ok(partJson(partAt(ask, 'disk'), subnetId)),
  'DELETE disks/:name': deletePart('disk'),
  'GET networkInterfaces': listParts('interface'),
  'GET networkInterfaces/:name': ask => ok(partJson(partAt(ask, 'interface'), subnetId)),
  'DELETE networkInterfaces/:name': deletePart('interface'),
  'GET publicIPAddresses': listParts('address'),
  'GET publicIPAddresses/:name': ask => ok(partJson(partAt(ask, 'address'), subnetId)),
  'DELETE publicIPAddresses/:name': deletePart('address'),
  'GET virtualNetworks/:network/subnets/:name': ask => {
    const { group, network, name } = ask.at
    if (network !== 'ci' || name !== 'agents') throw notFound(`subnet ${network}/${name}`)
    const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/virtualNetworks/ci/subnets/agents`
    return ok({ name, id, properties: { addressPrefix: '10.0.0.0/22', provisioningState: 'Succeeded' } })
  },
  'GET sub:skus': ask => page(ask, skus),
  'GET sub:locations/:location/usages': ask => {
    const { cloud } = ask
    return page(ask, usages(coresUsed(cloud), cloud.knobs.coresMax))
  },
  [`GET sub:${images}`]: ask => ok(imageVersions(ask.path, urnOf(ask)).slice(-1)),
  [`GET sub:${images}/:version`]: ask => ok(imageVersion(ask.path, urnOf(ask), ask.at.version ?? '')),
  'GET galleries/:gallery/images/:name': ask => {
    if (ask.at.gallery !== 'ci_images') throw notFound(`gallery ${ask.at.gallery}`)
    const architecture = ask.at.name?.endsWith('arm64') ? 'Arm64' : 'x64'
    const properties = {
      osType: 'Linux',
      osState: 'Generalized',
      hyperVGeneration: 'V2',
      architecture,
      identifier: { publisher: 'acme', offer: 'ci', sku: 'agent' },
    }
    return ok({ name: ask.at.name, id: ask.path, location, properties })
  },
  'GET images/:name': ask => {
    if (ask.at.name !== 'agent') throw notFound(`image ${ask.at.name}`)
    return ok({
      name: 'agent',
      id: ask.path,
      location,
      properties: { hyperVGeneration: 'V2', provisioningState: 'Succeeded' },
    })
  },
  'GET virtualNetworks/:network/subnets/:name/providers/Microsoft.Authorization/permissions': ask =>
    ok({ value: [{ actions: ask.cloud.knobs.actions, notActions: [] }] }),
  'GET permissions': ask => {
    groupAt(ask)
    return ok({
      value: [{ actions: ask.cloud.knobs.actions, notActions: [], dataActions: [], notDataActions: [] }],
    })
  },
  'GET sub:locations/:location/operations/:id': ask => {
    const { id, status, error } = operationAt(ask)
    const headers = waitOf(ask.cloud)
    return { status: 200, body: { name: id, status, ...(error && { error }) }, headers }
  },
  'GET sub:locations/:location/operationResults/:id': operationResult,
}

function at({ at: { group = '' } }: Ask): string {
  return group
}
