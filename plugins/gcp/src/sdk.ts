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
type ClientClass = new (options: object) => GeneratedClient

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

export async function importClient(name: ClientName): Promise<ClientClass> {
  return (await classes[name]()) as unknown as ClientClass
}

export function importAuth(): Promise<typeof import('google-auth-library')> {
  return import('google-auth-library')
}
