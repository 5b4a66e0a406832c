import type { Finding } from '@agentctl/contract'
import { rightsFindings } from './dry-run.ts'
import { exists } from './exists.ts'
import { quotaFindings } from './quota.ts'
import {
  type Reading,
  readImage,
  readOffered,
  readSubnets,
  readTypes,
  type SubnetFacts as SubnetRead,
} from './reads.ts'
import { refusedReads } from './refused-reads.ts'
import { reservationFindings } from './reservation.ts'
import { problemsWith } from './resolve.ts'

/** Reads and dry runs: image, types, subnets, groups, profile, key, reservation, quota, rights. Rule P2 */
export async function preflight(reading: Reading): Promise<readonly Finding[]> {
  const reads = [readImage(reading), readSubnets(reading), readOffered(reading), readTypes(reading)] as const
  const refused = await refusedReads(reads)
  if (refused.length > 0) return refused
  const [image, subnets, offered, types] = await Promise.all(reads)
  const { spec } = reading
  const problems = problemsWith(spec, image, subnets, offered, types)
  return [
    { level: 'ok', subject: 'image', message: `${image.id}, ${image.architecture}` },
    ...problems.map(
      ({ path, message }): Finding => ({
        level: 'problem',
        subject: path,
        message,
        fix: 'Correct the spec.',
      }),
    ),
    ...subnetFindings(subnets),
    ...(await groupFindings(reading, subnets)),
    ...(await keyFindings(reading)),
    ...(await reservationFindings(reading, subnets)),
    ...(await quotaFindings(reading, types)),
    ...(problems.length > 0 ? [] : await rightsFindings(reading, image, subnets, offered)),
    ...unproven(reading),
  ]
}

function subnetFindings(subnets: readonly SubnetRead[]): readonly Finding[] {
  return subnets.map(({ id, zone, free }): Finding => {
    const message = `${id} in ${zone} has ${free} free addresses`
    if (free > 0) return { level: 'ok', subject: 'subnets', message }
    return { level: 'warning', subject: 'subnets', message, fix: 'Give the pool another subnet.' }
  })
}

async function groupFindings(
  { ec2, spec, signal }: Reading,
  subnets: readonly SubnetRead[],
): Promise<readonly Finding[]> {
  const groups = spec['security-groups']
  if (!groups) return []
  return exists('security-groups', groups.join(', '), async () => {
    const { SecurityGroups = [] } = await ec2.describeSecurityGroups(
      { GroupIds: [...groups] },
      { abortSignal: signal },
    )
    const pairs = SecurityGroups.flatMap(group => subnets.map(subnet => ({ group, subnet })))
    const apart = pairs.find(({ group, subnet }) => group.VpcId !== subnet.vpc)
    if (!apart) return undefined
    const { group, subnet } = apart
    return `${group.GroupId} is in ${group.VpcId}, and ${subnet.id} in ${subnet.vpc}: a machine takes groups of its own VPC alone`
  })
}

async function keyFindings({ ec2, spec, signal }: Reading): Promise<readonly Finding[]> {
  const name = spec['key-name']
  if (name === undefined) return []
  return exists('key-name', name, async () => {
    await ec2.describeKeyPairs({ KeyNames: [name] }, { abortSignal: signal })
    return undefined
  })
}

function unproven({ spec }: Reading): readonly Finding[] {
  const findings: readonly (readonly [boolean, Finding])[] = [
    [
      true,
      {
        level: 'unproven',
        subject: 'rights',
        message: 'ec2:TerminateInstances and ec2:GetConsoleOutput show on an instance alone',
        fix: 'agentctl doctor --launch-probe makes one, and ends it.',
      },
    ],
    [
      !spec['public-address'],
      {
        level: 'unproven',
        subject: 'internet',
        message:
          'machines have no public address; whether their subnets have a NAT gateway was not looked at',
        fix: 'Give the subnets one, or set public-address: true.',
      },
    ],
  ]
  return findings.flatMap(([isSo, finding]) => (isSo ? [finding] : []))
}
