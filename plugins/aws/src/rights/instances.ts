import { tagNames } from '@agentctl/contract'
import { partitionOf } from '../cache/names.ts'
import type { AwsSpec } from '../spec.ts'
import { allow, type Statement } from './statement.ts'

const madeKinds = ['instance', 'volume', 'network-interface'] as const

/**
 * What EC2 is asked for: to read, to launch with the owner's tag, and to change and end what carries it.
 * Source: "Actions, resources, and condition keys for Amazon EC2", service authorization reference, 2026-11: calls
 * that describe take neither resources nor tags.
 */
export function instanceRights(owner: string, specs: readonly AwsSpec[]): readonly Statement[] {
  if (specs.length === 0) return []
  const regions = [...new Set(specs.map(spec => spec.region))]
  const isSpot = specs.some(spec => spec.market.includes('spot'))
  const arns = (what: string) => regions.map(region => arnOf(region, what))
  const kinds = isSpot ? [...madeKinds, 'spot-instances-request' as const] : madeKinds
  const made = kinds.flatMap(kind => arns(`*:${kind}/*`))
  const requested = { [`aws:RequestTag/${tagNames.owner}`]: owner }
  const owned = { StringEquals: { [`aws:ResourceTag/${tagNames.owner}`]: owner } }
  const marks = [tagNames.expiresAt, tagNames.holdUntil]
  return [
    ...allow('See', reads(specs), ['*'], inRegions(regions)),
    // Asked of the partition's first region; without it a region that is not there is told in other words.
    ...allow('Regions', ['ec2:DescribeRegions'], ['*']),
    ...allow('LaunchFrom', ['ec2:RunInstances'], specs.flatMap(usedBy)),
    ...allow('LaunchOwned', ['ec2:RunInstances'], made, { StringEquals: requested }),
    ...allow('TagAtLaunch', ['ec2:CreateTags'], made, {
      StringEquals: { 'ec2:CreateAction': 'RunInstances', ...requested },
    }),
    ...allow('MarkOwned', ['ec2:CreateTags', 'ec2:DeleteTags'], arns('*:instance/*'), {
      ...owned,
      'ForAllValues:StringEquals': { 'aws:TagKeys': marks },
    }),
    ...allow('EndOwned', ['ec2:TerminateInstances', 'ec2:GetConsoleOutput'], arns('*:instance/*'), owned),
    ...allow('EndOwnedVolumes', ['ec2:DeleteVolume'], arns('*:volume/*'), owned),
    ...allow('EndOwnedInterfaces', ['ec2:DeleteNetworkInterface'], arns('*:network-interface/*'), owned),
    // A request of a pool that was on spot once is ended too.
    ...allow(
      'EndOwnedSpotRequests',
      ['ec2:CancelSpotInstanceRequests'],
      arns('*:spot-instances-request/*'),
      owned,
    ),
    ...allow('PassRoles', ['iam:PassRole'], specs.flatMap(rolesOf), {
      StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    }),
    ...allow('Images', ['ssm:GetParameter'], specs.flatMap(imageParameter)),
    ...allow('Quotas', ['servicequotas:GetServiceQuota'], ['*'], inRegions(regions)),
    ...keyRights(specs),
  ]
}

/** `*` stands for a region that only the environment names. */
function arnOf(region: string, rest: string, service = 'ec2'): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${rest}`
}

function inRegions(regions: readonly string[]): Statement['Condition'] {
  return regions.includes('*') ? undefined : { StringEquals: { 'aws:RequestedRegion': regions } }
}

function reads(specs: readonly AwsSpec[]): readonly string[] {
  const has = (key: keyof AwsSpec) => specs.some(spec => spec[key] !== undefined)
  return [
    'ec2:DescribeInstances',
    'ec2:DescribeVolumes',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSpotInstanceRequests',
    'ec2:DescribeImages',
    'ec2:DescribeSubnets',
    'ec2:DescribeInstanceTypes',
    'ec2:DescribeInstanceTypeOfferings',
    ...(specs.some(spec => spec['offering-order'] === 'price') ? ['ec2:DescribeSpotPriceHistory'] : []),
    ...(has('security-groups') ? ['ec2:DescribeSecurityGroups'] : []),
    ...(has('key-name') ? ['ec2:DescribeKeyPairs'] : []),
    ...(has('capacity-reservation') ? ['ec2:DescribeCapacityReservations'] : []),
  ]
}

/** What a launch of this spec is made from. Images have no account in their ARN. */
function usedBy(spec: AwsSpec): readonly string[] {
  const { region, image, subnets = ['*'], 'security-groups': groups = ['*'] } = spec
  const [key, reservation] = [spec['key-name'], spec['capacity-reservation']]
  const imageId = typeof image === 'string' && image.startsWith('ami-') ? image : '*'
  return [
    arnOf(region, `:image/${imageId}`),
    // Of the image's volumes, where they are not shared with it.
    arnOf(region, ':snapshot/*'),
    ...subnets.map(id => arnOf(region, `*:subnet/${id}`)),
    ...groups.map(id => arnOf(region, `*:security-group/${id}`)),
    ...(key === undefined ? [] : [arnOf(region, `*:key-pair/${key}`)]),
    ...(reservation === undefined ? [] : [arnOf(region, `*:capacity-reservation/${reservation}`)]),
  ]
}

/** The role of a profile cannot be told from its name; consoles and `cache create` give both the same. */
function rolesOf({ region, 'instance-profile': profile }: AwsSpec): readonly string[] {
  if (profile === undefined) return []
  const [, account = '*', name = profile] =
    /^arn:[\w-]+:iam::(\d{12}):instance-profile\/(.+)$/.exec(profile) ?? []
  return [`arn:${partitionOf(region)}:iam::${account}:role/${name}`]
}

function imageParameter({ region, image }: AwsSpec): readonly string[] {
  if (typeof image !== 'string' || !image.startsWith('ssm:')) return []
  const name = image.slice('ssm:'.length).replace(/^\//, '')
  // AWS's own parameters belong to no account.
  const account = name.startsWith('aws/') ? '' : '*'
  return [arnOf(region, `${account}:parameter/${name}`, 'ssm')]
}

/**
 * A key of the account's own for volumes is used by EC2 on behalf of the caller.
 * Source: "Requirements for Amazon EBS encryption", EBS user guide, 2026-11.
 */
function keyRights(specs: readonly AwsSpec[]): readonly Statement[] {
  const keys = specs.flatMap(({ region, volume }) => {
    const key = volume['kms-key']
    if (key === undefined) return []
    return [
      key.startsWith('arn:')
        ? key
        : arnOf(region, key.startsWith('alias/') ? '*:key/*' : `*:key/${key}`, 'kms'),
    ]
  })
  const actions = [
    'kms:CreateGrant',
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:GenerateDataKeyWithoutPlaintext',
    'kms:ReEncrypt*',
  ]
  return allow('VolumeKeys', actions, keys, { StringLike: { 'kms:ViaService': 'ec2.*.amazonaws.com' } })
}
