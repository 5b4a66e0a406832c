import { notFound } from './answers.ts'

export const location = 'westeurope'

interface Size {
  readonly name: string
  readonly family: string
  readonly cores: number
  readonly zones: readonly string[]
  readonly capabilities: Readonly<Record<string, string>>
  readonly isRestricted?: boolean
}

const x64 = { CpuArchitectureType: 'x64', HyperVGenerations: 'V1,V2', LowPriorityCapable: 'True' }
const three = ['1', '2', '3']

const sizes: readonly Size[] = [
  {
    name: 'Standard_D2s_v5',
    family: 'standardDSv5Family',
    cores: 2,
    zones: three,
    capabilities: { ...x64, vCPUs: '2', EphemeralOSDiskSupported: 'False' },
  },
  {
    name: 'Standard_D2ds_v5',
    family: 'standardDDSv5Family',
    cores: 2,
    zones: three,
    capabilities: {
      ...x64,
      vCPUs: '2',
      EphemeralOSDiskSupported: 'True',
      MaxResourceVolumeMB: '76800',
      CachedDiskBytes: '53687091200',
    },
  },
  {
    name: 'Standard_D2ps_v5',
    family: 'standardDPSv5Family',
    cores: 2,
    zones: ['1', '2'],
    capabilities: { ...x64, CpuArchitectureType: 'Arm64', HyperVGenerations: 'V2', vCPUs: '2' },
  },
  {
    name: 'Standard_A1_v2',
    family: 'standardAv2Family',
    cores: 1,
    zones: [],
    capabilities: { ...x64, HyperVGenerations: 'V1', LowPriorityCapable: 'False', vCPUs: '1' },
  },
  {
    name: 'Standard_E2s_v5',
    family: 'standardESv5Family',
    cores: 2,
    zones: three,
    capabilities: { ...x64, vCPUs: '2' },
    isRestricted: true,
  },
]

export const sizeNames: readonly string[] = sizes.map(({ name }) => name)

export function coresOf(size: string): number {
  return sizes.find(({ name }) => name === size)?.cores ?? 0
}

export const skus = sizes.map(({ name, family, zones, capabilities, isRestricted }) => ({
  resourceType: 'virtualMachines',
  name,
  tier: 'Standard',
  size: name.replace('Standard_', ''),
  family,
  locations: [location],
  locationInfo: [{ location, zones, zoneDetails: [] }],
  capabilities: Object.entries(capabilities).map(([key, value]) => ({ name: key, value })),
  restrictions: isRestricted
    ? [
        {
          type: 'Location',
          values: [location],
          restrictionInfo: { locations: [location] },
          reasonCode: 'NotAvailableForSubscription',
        },
      ]
    : [],
}))

export function usages(coresUsed: number, coresMax: number) {
  const entry = (value: string, currentValue: number, limit: number) => ({
    limit,
    unit: 'Count',
    currentValue,
    name: { value, localizedValue: value },
  })
  return [
    entry('cores', coresUsed, coresMax),
    entry('virtualMachines', coresUsed, 25_000),
    entry('lowPriorityCores', 0, coresMax),
    ...sizes.map(({ family }) => entry(family, 0, coresMax)),
  ]
}

const imagesHeld: Readonly<
  Record<string, { readonly architecture: string; readonly generation: string; readonly plan?: object }>
> = {
  'Canonical/ubuntu-24_04-lts/server': { architecture: 'x64', generation: 'V2' },
  'Canonical/ubuntu-24_04-lts/server-arm64': { architecture: 'Arm64', generation: 'V2' },
  'Canonical/ubuntu-24_04-lts/server-gen1': { architecture: 'x64', generation: 'V1' },
  'acme/runner/paid': {
    architecture: 'x64',
    generation: 'V2',
    plan: { publisher: 'acme', product: 'runner', name: 'paid' },
  },
}
const versions = ['24.04.202610010', '24.04.202611150']

export interface Urn {
  readonly publisher: string
  readonly offer: string
  readonly sku: string
}

export function imageVersions(base: string, urn: Urn) {
  assertImage(urn)
  return versions.map(name => ({ location, name, id: `${base}/Versions/${name}` }))
}

export function imageVersion(base: string, urn: Urn, version: string) {
  const { architecture, generation, plan } = assertImage(urn)
  if (!versions.includes(version)) throw notFound(`${base}/Versions/${version}`)
  return {
    location,
    name: version,
    id: `${base}/Versions/${version}`,
    properties: {
      osDiskImage: { operatingSystem: 'Linux' },
      dataDiskImages: [],
      hyperVGeneration: generation,
      architecture,
      ...(plan && { plan }),
    },
  }
}

function assertImage({ publisher, offer, sku }: Urn) {
  const image = imagesHeld[`${publisher}/${offer}/${sku}`]
  if (!image) throw notFound(`Artifact: VMImage ${publisher}:${offer}:${sku}`)
  return image
}
