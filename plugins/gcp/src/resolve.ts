import { contractError, type Problem, type ResolvedSpec } from '@agentctl/contract'
import type { Compute } from './api.ts'
import { type Image, type MachineType, readImage, readTypes } from './reads.ts'
import { type Details, type GcpSpec, offeringsOf } from './spec.ts'

/** What the spec means now: the image behind a family, and the zones that have each type. Two reads. */
export async function resolve(compute: Compute, spec: GcpSpec): Promise<ResolvedSpec> {
  const [image, types] = await Promise.all([readImage(compute, spec), readTypes(compute, spec)])
  const problems = problemsWith(spec, image, types)
  if (problems.length > 0) {
    throw contractError('invalid-spec', 'The spec names what Compute Engine does not have', { problems })
  }
  const details: Details = { spec, image: image.path, architecture: image.architecture }
  return { guest: 'linux', offerings: offeringsOf(spec, zonesIn(spec, types)), details }
}

/** Where a type is to be had: the zones of the spec in their order, or all in the order of their names. Pure. */
export function zonesIn(spec: GcpSpec, types: readonly MachineType[]): (type: string) => readonly string[] {
  return type => {
    const having = types.filter(one => one.name === type).map(({ zone }) => zone)
    return spec.zones?.filter(zone => having.includes(zone)) ?? having.toSorted()
  }
}

/** Pure. Every reason why no machine, or none that boots, can come of the spec. */
export function problemsWith(spec: GcpSpec, image: Image, types: readonly MachineType[]): readonly Problem[] {
  const zones = zonesIn(spec, types)
  const perType = spec.types.flatMap((type, at): readonly Problem[] => {
    const path = `spec.types[${at}]`
    if (zones(type).length === 0) {
      return [{ path, message: `${type} is in no zone of ${spec.zones?.join(', ') ?? spec.region}` }]
    }
    const { architecture } = types.find(one => one.name === type) ?? image
    if (isSame(architecture, image.architecture)) return []
    return [{ path, message: `${type} is ${architecture}, the image is ${image.architecture}` }]
  })
  const diskGb = spec['disk-gb']
  if (diskGb === undefined || diskGb >= image.diskSizeGb) return perType
  return [...perType, { path: 'spec.disk-gb', message: `is less than the image's ${image.diskSizeGb}` }]
}

/** What is not said fits everything. */
function isSame(one: string, other: string): boolean {
  const isOpen = (text: string) => text === '' || text === 'ARCHITECTURE_UNSPECIFIED'
  return isOpen(one) || isOpen(other) || one === other
}
