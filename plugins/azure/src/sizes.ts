import type { Arm } from './arm.ts'

export type Placement = 'CacheDisk' | 'ResourceDisk' | 'NvmeDisk'

/** A size as it is to be had in one location. */
export interface Size {
  readonly name: string
  /** As usages name it, such as `standardDSv5Family`. */
  readonly family: string
  readonly cores: number
  readonly architecture: 'x64' | 'arm64'
  readonly zones: readonly string[]
  /** Why this subscription does not get it there; undefined when it does. */
  readonly restriction: string | undefined
  readonly isRestrictedIn: readonly string[]
  readonly hasSpot: boolean
  readonly hasTrustedLaunch: boolean
  /** Room for an ephemeral disk by its place, in the order to prefer them. Unit: gibibytes. */
  readonly ephemeral: readonly { readonly placement: Placement; readonly gb: number }[]
}

/** One read for all sizes of the location; those that it does not have are not in the answer. */
export async function readSizes(
  { compute }: Arm,
  location: string,
  names: readonly string[],
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, Size>> {
  const wanted = new Map(names.map(name => [name.toLowerCase(), name]))
  const found = new Map<string, Size>()
  const filter = `location eq '${location}'`
  for await (const sku of compute.resourceSkus.list({ filter, abortSignal })) {
    const name = wanted.get(sku.name?.toLowerCase() ?? '')
    if (name !== undefined && sku.resourceType === 'virtualMachines')
      found.set(name, sizeOf(name, location, sku))
  }
  return found
}

type Sku = ReturnType<Arm['compute']['resourceSkus']['list']> extends AsyncIterable<infer Item> ? Item : never

function sizeOf(name: string, location: string, sku: Sku): Size {
  const said = new Map((sku.capabilities ?? []).map(one => [one.name ?? '', one.value ?? '']))
  const isSo = (key: string) => said.get(key)?.toLowerCase() === 'true'
  const at = sku.locationInfo?.find(one => one.location?.toLowerCase() === location)
  const restrictions = sku.restrictions ?? []
  const whole = restrictions.find(({ type }) => type === 'Location')
  const zoned = restrictions.filter(({ type }) => type === 'Zone')
  return {
    name,
    family: sku.family ?? '',
    cores: Number(said.get('vCPUs') ?? 0),
    architecture: said.get('CpuArchitectureType')?.toLowerCase() === 'arm64' ? 'arm64' : 'x64',
    zones: [...(at?.zones ?? [])].sort(),
    restriction: whole?.reasonCode,
    isRestrictedIn: zoned.flatMap(({ restrictionInfo }) => restrictionInfo?.zones ?? []),
    hasSpot: isSo('LowPriorityCapable'),
    hasTrustedLaunch: (said.get('HyperVGenerations') ?? '').includes('V2') && !isSo('TrustedLaunchDisabled'),
    ephemeral: isSo('EphemeralOSDiskSupported') ? roomIn(said) : [],
  }
}

/** Source: https://learn.microsoft.com/azure/virtual-machines/ephemeral-os-disks, read 2026-11-26. */
function roomIn(said: ReadonlyMap<string, string>): Size['ephemeral'] {
  const places = said.get('SupportedEphemeralOSDiskPlacements')?.toLowerCase()
  const rooms = [
    { placement: 'NvmeDisk', gb: Number(said.get('NvmeDiskSizeInMiB') ?? 0) / 1024 },
    { placement: 'ResourceDisk', gb: Number(said.get('MaxResourceVolumeMB') ?? 0) / 1024 },
    { placement: 'CacheDisk', gb: Number(said.get('CachedDiskBytes') ?? 0) / 1024 ** 3 },
  ] as const
  return rooms
    .filter(({ placement }) => places?.includes(placement.toLowerCase()) ?? placement !== 'NvmeDisk')
    .map(({ placement, gb }) => ({ placement, gb: Math.floor(gb) }))
    .filter(({ gb }) => gb > 0)
}
