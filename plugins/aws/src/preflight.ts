import type { Finding } from '@agentctl/contract'
import { rightsFindings } from './dry-run.ts'
import { toContractError } from './errors.ts'
import { quotaFindings } from './quota.ts'
import { type Reading, readImage, readOffered, readSubnets, readTypes } from './reads.ts'
import { problemsWith } from './resolve.ts'
import type { Subnet } from './spec.ts'

type FreeSubnet = Subnet & { readonly free: number }

/** Reads and dry runs: image, types, subnets, groups, profile, key, quota, rights. Rule P2 */
export async function preflight(reading: Reading): Promise<readonly Finding[]> {
  const [image, subnets, offered, types] = await Promise.all([
    readImage(reading),
    readSubnets(reading),
    readOffered(reading),
    readTypes(reading),
  ])
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
    ...(await groupFindings(reading)),
    ...(await keyFindings(reading)),
    ...(await quotaFindings(reading, types)),
    ...(problems.length > 0 ? [] : await rightsFindings(reading, image, subnets, offered)),
    ...unproven(reading),
  ]
}

function subnetFindings(subnets: readonly FreeSubnet[]): readonly Finding[] {
  return subnets.map(({ id, zone, free }): Finding => {
    const message = `${id} in ${zone} has ${free} free addresses`
    if (free > 0) return { level: 'ok', subject: 'subnets', message }
    return { level: 'warning', subject: 'subnets', message, fix: 'Give the pool another subnet.' }
  })
}

async function groupFindings({ ec2, spec, signal }: Reading): Promise<readonly Finding[]> {
  const groups = spec['security-groups']
  if (!groups) return []
  return exists('security-groups', groups.join(', '), () =>
    ec2.describeSecurityGroups({ GroupIds: [...groups] }, { abortSignal: signal }),
  )
}

async function keyFindings({ ec2, spec, signal }: Reading): Promise<readonly Finding[]> {
  const name = spec['key-name']
  if (name === undefined) return []
  return exists('key-name', name, () => ec2.describeKeyPairs({ KeyNames: [name] }, { abortSignal: signal }))
}

/** A read that fails with "not found" is a problem with the spec, and any other failure is its own. */
async function exists(
  subject: string,
  what: string,
  read: () => Promise<unknown>,
): Promise<readonly Finding[]> {
  try {
    await read()
    return [{ level: 'ok', subject, message: `${what} is there` }]
  } catch (error) {
    const { code, message, fault = '' } = toContractError(error, `the look at ${what}`)
    if (code !== 'invalid-spec') return [{ level: 'unproven', subject, message, ...hint(error) }]
    return [{ level: 'problem', subject: `spec.${subject}`, message: fault, fix: `Correct spec.${subject}.` }]
  }
}

function hint(error: unknown): { readonly fix?: string } {
  const { hint: fix } = toContractError(error, 'the look')
  return fix === undefined ? {} : { fix }
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
