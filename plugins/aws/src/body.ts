import {
  contractError,
  contractVersion,
  type LaunchRequest,
  type Offering,
  type Problem,
} from '@agentctl/contract'
import type { RunInstancesCommandInput, Tag } from '@aws-sdk/client-ec2'
import { launchBatchMax, userDataBytesMax } from './capabilities.ts'
import { type AwsSpec, type Details, detailsOf } from './spec.ts'
import { asTags, ownTags } from './tags.ts'

const taggedKinds = ['instance', 'volume', 'network-interface'] as const

/** The one call of a launch: from the request alone, so that a repeat is the same. Pure. @throws `invalid-spec` */
export function runInstancesBody(owner: string, request: LaunchRequest): RunInstancesCommandInput {
  const { launchId, offering, units, userData } = request
  const details = detailsOf(request.resolved)
  return {
    ClientToken: launchId,
    MaxCount: units.length,
    UserData: Buffer.from(userData).toString('base64'),
    ...machineBody(details, offering, asTags({ ...details.spec.tags, ...tagsOf(owner, request) })),
  }
}

/** What every machine of an offering is made as; a dry run of it needs the rights that a launch needs. Pure. */
export function machineBody(
  { spec, imageId, rootDevice }: Details,
  offering: Pick<Offering, 'id' | 'type' | 'market'>,
  Tags: Tag[],
) {
  const isSpot = offering.market === 'spot'
  const kinds = isSpot ? [...taggedKinds, 'spot-instances-request' as const] : taggedKinds
  return {
    MinCount: 1,
    ImageId: imageId,
    InstanceType: offering.type as NonNullable<RunInstancesCommandInput['InstanceType']>,
    InstanceInitiatedShutdownBehavior: 'terminate',
    // One hop: no container on a bridge reaches it, whatever the image's own default.
    MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
    BlockDeviceMappings: [{ DeviceName: rootDevice, Ebs: volumeOf(spec) }],
    TagSpecifications: kinds.map(ResourceType => ({ ResourceType, Tags })),
    ...networkOf(spec, offering.id.split('/')[1] ?? ''),
    ...(isSpot && spotOf(spec)),
    ...(spec['instance-profile'] && { IamInstanceProfile: profileOf(spec['instance-profile']) }),
    ...(spec['key-name'] && { KeyName: spec['key-name'] }),
    ...(spec['capacity-reservation'] &&
      !isSpot && {
        CapacityReservationSpecification: {
          CapacityReservationTarget: { CapacityReservationId: spec['capacity-reservation'] },
        },
      }),
  } satisfies Omit<RunInstancesCommandInput, 'MaxCount'>
}

function spotOf(spec: AwsSpec) {
  const SpotOptions = {
    SpotInstanceType: 'one-time',
    InstanceInterruptionBehavior: 'terminate',
    ...(spec['max-price'] !== undefined && { MaxPrice: String(spec['max-price']) }),
  } as const
  return { InstanceMarketOptions: { MarketType: 'spot', SpotOptions } } as const
}

function tagsOf(owner: string, { launchId, digest, pool, agentType, units, expiry }: LaunchRequest) {
  const tags = ownTags({ owner, pool, agentType, launchId, digest, units, version: contractVersion }, expiry)
  if (tags) return tags
  const message = `do not fit into the tags of EC2: ${units.length} units with names of different kinds`
  throw contractError('invalid-spec', `launch ${launchId} cannot be made`, {
    problems: [{ path: 'units', message }],
  })
}

function volumeOf({ volume }: AwsSpec) {
  return {
    DeleteOnTermination: true,
    Encrypted: volume.encrypted,
    VolumeType: volume.type,
    ...(volume['size-gb'] !== undefined && { VolumeSize: volume['size-gb'] }),
    ...(volume.iops !== undefined && { Iops: volume.iops }),
    ...(volume['throughput-mbps'] !== undefined && { Throughput: volume['throughput-mbps'] }),
    ...(volume['kms-key'] !== undefined && { KmsKeyId: volume['kms-key'] }),
  }
}

/** Spelled out as an interface, so that a subnet that gives public addresses by itself gives none. */
function networkOf(spec: AwsSpec, subnetId: string): Pick<RunInstancesCommandInput, 'NetworkInterfaces'> {
  return {
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        SubnetId: subnetId,
        AssociatePublicIpAddress: spec['public-address'],
        DeleteOnTermination: true,
        ...(spec['security-groups'] && { Groups: [...spec['security-groups']] }),
      },
    ],
  }
}

function profileOf(name: string) {
  return name.startsWith('arn:') ? { Arn: name } : { Name: name }
}

/** Pure. @throws `invalid-spec` with every problem of a request that cannot be carried out */
export function assertRequest({ launchId, units, userData, offering }: LaunchRequest): void {
  const checks: readonly (readonly [boolean, Problem])[] = [
    [
      /^[a-z][a-z2-7]{25}$/.test(launchId),
      { path: 'launchId', message: 'is not 26 characters of [a-z2-7], a letter first' },
    ],
    [offering.id.split('/').length === 3, { path: 'offering.id', message: 'is not TYPE/SUBNET/MARKET' }],
    [
      units.length >= 1 && units.length <= launchBatchMax,
      { path: 'units', message: `are not 1 to ${launchBatchMax}` },
    ],
    [
      units.every(({ index }, at) => index === at),
      { path: 'units', message: 'are not numbered from 0, as EC2 numbers the instances of a launch' },
    ],
    [
      userData.byteLength <= userDataBytesMax,
      { path: 'userData', message: `has ${userData.byteLength} bytes, and EC2 takes ${userDataBytesMax}` },
    ],
  ]
  const problems = checks.flatMap(([holds, problem]) => (holds ? [] : [problem]))
  if (problems.length === 0) return
  throw contractError('invalid-spec', `launch ${launchId} cannot be made`, { problems })
}
