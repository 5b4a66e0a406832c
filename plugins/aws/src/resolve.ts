import { contractError, type Offering, type Problem, type ResolvedSpec } from '@agentctl/contract'
import {
  type Image,
  type InstanceType,
  type Reading,
  readImage,
  readOffered,
  readSpotPrices,
  readSubnets,
  readTypes,
} from './reads.ts'
import { roleProfile } from './role-profile.ts'
import { type AwsSpec, type Details, offeringsOf, type Subnet } from './spec.ts'

/** What the spec means now: image, zones, prices. Reads only. @throws `invalid-spec` with every problem at once */
export async function resolve(reading: Reading): Promise<ResolvedSpec> {
  const { spec } = reading
  const [image, subnets, offered, types] = await Promise.all([
    readImage(reading),
    readSubnets(reading),
    readOffered(reading),
    readTypes(reading),
  ])
  const problems = problemsWith(spec, image, subnets, offered, types)
  if (problems.length > 0) {
    throw contractError('invalid-spec', 'The spec names what EC2 does not have', { problems })
  }
  const isOffered = (type: string, zone: string) => offered.has(`${type} ${zone}`)
  const listed = offeringsOf(spec, subnets, isOffered)
  const offerings =
    spec['offering-order'] === 'price' ? byPrice(listed, await readSpotPrices(reading)) : listed
  const details: Details = { spec: plain(spec), imageId: image.id, rootDevice: image.rootDevice }
  return {
    guest: 'linux',
    offerings,
    ...(spec['instance-profile'] !== undefined && {
      roleCredentials: { profile: roleProfile, region: spec.region },
    }),
    details,
  }
}

/** Plain JSON has no member that is undefined. */
function plain(spec: AwsSpec): AwsSpec {
  return JSON.parse(JSON.stringify(spec)) as AwsSpec
}

/** Pure. Spot offerings by price, the cheapest first; the others stay where they are in the order of markets. */
export function byPrice(
  offerings: readonly Offering[],
  prices: ReadonlyMap<string, number>,
): readonly Offering[] {
  const priced = offerings.map(one => {
    const pricePerHour = one.market === 'spot' ? prices.get(`${one.type} ${one.zone}`) : undefined
    return pricePerHour === undefined ? one : { ...one, pricePerHour }
  })
  const spot = priced
    .filter(({ market }) => market === 'spot')
    .toSorted((a, b) => (a.pricePerHour ?? Number.MAX_VALUE) - (b.pricePerHour ?? Number.MAX_VALUE))
  const rest = priced.filter(({ market }) => market !== 'spot')
  return priced[0]?.market === 'spot' ? [...spot, ...rest] : [...rest, ...spot]
}

/** Pure. Every reason why no machine, or none that boots, can come of the spec. */
export function problemsWith(
  spec: AwsSpec,
  image: Image,
  subnets: readonly Subnet[],
  offered: ReadonlySet<string>,
  types: ReadonlyMap<string, InstanceType>,
): readonly Problem[] {
  const perType = spec.types.flatMap((name, at): readonly Problem[] => {
    const path = `spec.types[${at}]`
    const type = types.get(name)
    if (!type) return [{ path, message: `${spec.region} has no instance type ${name}` }]
    if (!type.architectures.includes(image.architecture)) {
      const message = `${name} is ${type.architectures.join(', ')}, and the image ${image.id} is ${image.architecture}`
      return [{ path, message }]
    }
    if (subnets.some(({ zone }) => offered.has(`${name} ${zone}`))) return []
    const zones = [...new Set(subnets.map(({ zone }) => zone))].join(', ')
    return [{ path, message: `${name} is not offered in ${zones}, where the subnets are: choose another` }]
  })
  const size = spec.volume['size-gb']
  if (size === undefined || image.sizeGb === undefined || size >= image.sizeGb) return perType
  const message = `is less than the image's own ${image.sizeGb}`
  return [...perType, { path: 'spec.volume.size-gb', message }]
}
