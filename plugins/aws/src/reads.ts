import { contractError } from '@agentctl/contract'
import type { EC2 } from '@aws-sdk/client-ec2'
import type { Context } from './context.ts'
import { isNamed, isNotFound } from './errors.ts'
import type { AwsSpec, Subnet } from './spec.ts'

export interface Image {
  readonly id: string
  readonly architecture: string
  readonly rootDevice: string
  /** Of the image's own root volume, where it says one. */
  readonly sizeGb: number | undefined
}

/** What the reads of one spec need. */
export interface Reading {
  readonly context: Context
  readonly ec2: EC2
  readonly spec: AwsSpec
  readonly signal: AbortSignal
}

function wrong(path: string, message: string) {
  return contractError('invalid-spec', `The spec names what EC2 does not have: ${message}`, {
    problems: [{ path, message }],
  })
}

/** @throws `invalid-spec` where there is no such image in the region */
export async function readImage({ context, ec2, spec, signal }: Reading): Promise<Image> {
  const { image, region } = spec
  const byName = typeof image === 'object'
  const id = byName ? undefined : image.startsWith('ssm:') ? await parameter(context, spec, signal) : image
  const input = byName
    ? {
        Owners: image.owners,
        Filters: [
          { Name: 'name', Values: [image.name] },
          { Name: 'state', Values: ['available'] },
        ],
      }
    : { ImageIds: [id ?? ''] }
  const { Images = [] } = await ec2.describeImages(input, { abortSignal: signal }).catch(error => {
    if (isNamed(error, 'InvalidAMIID.NotFound', 'InvalidAMIID.Malformed', 'InvalidAMIID.Unavailable'))
      return { Images: [] }
    throw error
  })
  const [found] = Images.toSorted((a, b) => (b.CreationDate ?? '').localeCompare(a.CreationDate ?? ''))
  if (!found?.ImageId) {
    const what = byName ? `${image.name} of ${image.owners.join(', ')}` : id
    throw wrong('spec.image', `there is no image ${what} in ${region}, or it is not shared with this account`)
  }
  const rootDevice = found.RootDeviceName ?? '/dev/xvda'
  const root = found.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === rootDevice)
  return {
    id: found.ImageId,
    architecture: found.Architecture ?? 'x86_64',
    rootDevice,
    sizeGb: root?.Ebs?.VolumeSize,
  }
}

/** The image's id that a parameter of Systems Manager holds. @throws `invalid-spec` */
async function parameter({ clients }: Context, { image, region }: AwsSpec, abortSignal: AbortSignal) {
  const name = String(image).slice('ssm:'.length)
  const ssm = await clients.ssm(region)
  try {
    const { Parameter } = await ssm.getParameter({ Name: name }, { abortSignal })
    return Parameter?.Value ?? ''
  } catch (error) {
    if (isNamed(error, 'ParameterNotFound'))
      throw wrong('spec.image', `there is no parameter ${name} in ${region}`)
    throw error
  }
}

export interface SubnetFacts extends Subnet {
  readonly vpc: string
  /** Addresses that nobody has. */
  readonly free: number
}

/** Those of the spec in its order, or the default ones by zone. @throws `invalid-spec` */
export async function readSubnets({ ec2, spec, signal }: Reading): Promise<readonly SubnetFacts[]> {
  const input = spec.subnets
    ? { SubnetIds: [...spec.subnets] }
    : { Filters: [{ Name: 'default-for-az', Values: ['true'] }] }
  const { Subnets = [] } = await ec2.describeSubnets(input, { abortSignal: signal }).catch(error => {
    if (isNotFound(error))
      throw wrong('spec.subnets', `${spec.region} has not all of ${spec.subnets?.join(', ')}`)
    throw error
  })
  const found = Subnets.map(one => ({
    id: one.SubnetId ?? '',
    zone: one.AvailabilityZone ?? '',
    vpc: one.VpcId ?? '',
    free: one.AvailableIpAddressCount ?? 0,
  })).toSorted((a, b) => a.zone.localeCompare(b.zone))
  if (found.length === 0) {
    throw wrong('spec.subnets', `${spec.region} has no default subnets: name some`)
  }
  const order = (id: string) => spec.subnets?.indexOf(id) ?? 0
  return spec.subnets ? found.toSorted((a, b) => order(a.id) - order(b.id)) : found
}

/** `TYPE ZONE` of all that is offered. */
export async function readOffered({ ec2, spec, signal }: Reading): Promise<ReadonlySet<string>> {
  const Filters = [{ Name: 'instance-type', Values: [...spec.types] }]
  const { InstanceTypeOfferings = [] } = await ec2.describeInstanceTypeOfferings(
    { LocationType: 'availability-zone', Filters },
    { abortSignal: signal },
  )
  return new Set(InstanceTypeOfferings.map(({ InstanceType, Location }) => `${InstanceType} ${Location}`))
}

export interface InstanceType {
  readonly architectures: readonly string[]
  readonly vcpus: number
}

/** By name; what the region does not have is missing. */
export async function readTypes({ ec2, spec, signal }: Reading): Promise<ReadonlyMap<string, InstanceType>> {
  const Filters = [{ Name: 'instance-type', Values: [...spec.types] }]
  const { InstanceTypes = [] } = await ec2.describeInstanceTypes({ Filters }, { abortSignal: signal })
  return new Map(
    InstanceTypes.map(one => [
      one.InstanceType ?? '',
      {
        architectures: one.ProcessorInfo?.SupportedArchitectures ?? [],
        vcpus: one.VCpuInfo?.DefaultVCpus ?? 0,
      },
    ]),
  )
}

/** The latest spot price of `TYPE ZONE`, in US dollars per hour. */
export async function readSpotPrices({
  context,
  ec2,
  spec,
  signal,
}: Reading): Promise<ReadonlyMap<string, number>> {
  const { SpotPriceHistory = [] } = await ec2.describeSpotPriceHistory(
    {
      InstanceTypes: spec.types as NonNullable<
        Parameters<EC2['describeSpotPriceHistory']>[0]
      >['InstanceTypes'] & {},
      ProductDescriptions: ['Linux/UNIX'],
      StartTime: new Date(context.clock.now()),
    },
    { abortSignal: signal },
  )
  return new Map(
    SpotPriceHistory.flatMap(({ InstanceType, AvailabilityZone, SpotPrice }) =>
      SpotPrice === undefined ? [] : [[`${InstanceType} ${AvailabilityZone}`, Number(SpotPrice)] as const],
    ),
  )
}
