import { withMethods } from './descriptions.ts'

/**
 * The only file that imports Google's packages, each by its own path and only when it is used: the compute package's
 * main entry loads every client and takes seconds.
 */

/** What the generated clients have in common, as far as it is used. */
export interface GeneratedClient {
  initialize(): Promise<unknown>
  /** Below the methods for people: these take a request as it is, log nothing of it and give the whole answer. */
  readonly innerApiCalls: Readonly<
    Record<string, (request: object, options: object) => Promise<readonly unknown[]>>
  >
  close(): Promise<void>
}
type ClientClass = new (options: object, gax: object) => GeneratedClient

const classes = {
  instances: async () =>
    (await import('@google-cloud/compute/build/src/v1/instances_client.js')).InstancesClient,
  zoneOperations: async () =>
    (await import('@google-cloud/compute/build/src/v1/zone_operations_client.js')).ZoneOperationsClient,
  regionOperations: async () =>
    (await import('@google-cloud/compute/build/src/v1/region_operations_client.js')).RegionOperationsClient,
  disks: async () => (await import('@google-cloud/compute/build/src/v1/disks_client.js')).DisksClient,
  addresses: async () =>
    (await import('@google-cloud/compute/build/src/v1/addresses_client.js')).AddressesClient,
  images: async () => (await import('@google-cloud/compute/build/src/v1/images_client.js')).ImagesClient,
  machineTypes: async () =>
    (await import('@google-cloud/compute/build/src/v1/machine_types_client.js')).MachineTypesClient,
  regions: async () => (await import('@google-cloud/compute/build/src/v1/regions_client.js')).RegionsClient,
  networks: async () =>
    (await import('@google-cloud/compute/build/src/v1/networks_client.js')).NetworksClient,
  subnetworks: async () =>
    (await import('@google-cloud/compute/build/src/v1/subnetworks_client.js')).SubnetworksClient,
} satisfies Record<string, () => Promise<unknown>>

/** A client of Compute Engine, by what it is about. */
export type ClientName = keyof typeof classes

/** A client of its own for each provider. */
export async function makeClient(name: ClientName, options: object): Promise<GeneratedClient> {
  const [Class, gax] = await Promise.all([classes[name](), importGax()])
  const client = new (Class as unknown as ClientClass)(options, gax)
  await client.initialize()
  return client
}

/** The methods that are used; every other one is left out of what a client knows. */
const methods = {
  Instances: ['AggregatedList', 'Delete', 'Get', 'GetSerialPortOutput', 'Insert', 'SetLabels', 'SetMetadata'],
  ZoneOperations: ['Get', 'List', 'Wait'],
  RegionOperations: ['Get'],
  Disks: ['AggregatedList', 'Delete', 'Get'],
  Addresses: ['AggregatedList', 'Delete', 'Get'],
  Images: ['Get', 'GetFromFamily'],
  MachineTypes: ['AggregatedList'],
  Regions: ['Get'],
  Networks: ['Get'],
  Subnetworks: ['Get'],
} satisfies Record<Capitalize<ClientName>, readonly string[]>

/** What the package's descriptions, which are constant and one object for all clients, are read to. */
const parsed = new WeakMap<object, unknown>()

/** Google's runtime for its clients; as it is, each client would go through all 12 MB of descriptions. */
async function importGax(): Promise<object> {
  const gax = await import('google-gax')
  const { fallback } = gax
  class GrpcClient extends fallback.GrpcClient {
    override loadProtoJSON(json: object) {
      const known = parsed.get(json) ?? super.loadProtoJSON(withMethods(json, methods))
      parsed.set(json, known)
      return known as ReturnType<typeof fallback.GrpcClient.protobufFromJSON>
    }
  }
  return { ...gax, fallback: { ...fallback, GrpcClient } }
}

export function importAuth(): Promise<typeof import('google-auth-library')> {
  return import('google-auth-library')
}
