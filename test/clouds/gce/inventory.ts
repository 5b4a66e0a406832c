/** What the emulated project can choose from. */
export const project = 'acme-project'
export const base = 'https://www.googleapis.com/compute/v1/'

export const zonesOf: Readonly<Record<string, readonly string[]>> = {
  'test-west1': ['test-west1-a', 'test-west1-b', 'test-west1-c'],
  'test-east1': ['test-east1-a'],
}
export const zones: readonly string[] = Object.values(zonesOf).flat()

export interface MachineType {
  readonly name: string
  readonly guestCpus: number
  readonly memoryMb: number
  readonly architecture: 'X86_64' | 'ARM64'
  /** All when left out. */
  readonly zones?: readonly string[]
}

export const machineTypes: readonly MachineType[] = [
  { name: 'e2-small', guestCpus: 2, memoryMb: 2048, architecture: 'X86_64' },
  { name: 'e2-standard-4', guestCpus: 4, memoryMb: 16384, architecture: 'X86_64' },
  {
    name: 't2a-standard-1',
    guestCpus: 1,
    memoryMb: 4096,
    architecture: 'ARM64',
    zones: ['test-west1-a', 'test-west1-b'],
  },
]

export interface Image {
  readonly project: string
  readonly name: string
  readonly family: string
  readonly architecture: 'X86_64' | 'ARM64'
  readonly diskSizeGb: string
  readonly status: string
}

export const images: readonly Image[] = [
  image(project, 'agent-1', 'agent', 'X86_64', 10),
  image(project, 'agent-arm-1', 'agent-arm', 'ARM64', 10),
  image('public-images', 'debian-12-v1', 'debian-12', 'X86_64', 20),
]

function image(
  owner: string,
  name: string,
  family: string,
  architecture: Image['architecture'],
  diskSizeGb: number,
): Image {
  return { project: owner, name, family, architecture, diskSizeGb: String(diskSizeGb), status: 'READY' }
}

export const networks: readonly string[] = ['default', 'ci']
export const subnetworks: readonly { readonly region: string; readonly name: string }[] = [
  { region: 'test-west1', name: 'default' },
  { region: 'test-west1', name: 'ci-subnet' },
  { region: 'test-east1', name: 'default' },
]

export function regionOf(zone: string): string {
  return zone.replace(/-[a-z]$/, '')
}
